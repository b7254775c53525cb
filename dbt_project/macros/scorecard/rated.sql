{#
  Condition on a contributing row: the output of its machine-day can be measured in planned run time.
  OEE and all of its factors are contributed under this one condition, so their sums are over the
  same machine-days, and OEE is the product of its factors at every node and period.
#}
{% macro rated() -%}
not exists (
    select 1 from {{ ref('unrated_day') }} as unrated
    where unrated.node_id = contributing.node_id and unrated.date_day = contributing.date_day
)
{%- endmacro %}
