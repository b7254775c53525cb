{#
  Condition on `node_id` and `date_day`: the output of that machine-day can be measured in planned run
  time. OEE and all of its factors are contributed under this one condition, so their sums are over
  the same machine-days, and OEE is the product of its factors at every node and period.
#}
{% macro rated() -%}
((node_id, date_day) in (select node_id, date_day from {{ ref('unrated_day') }})) is not true
{%- endmacro %}
