{#
  Condition on `node_id`: the node's output can be measured in planned run time. Without it, the time
  of a line whose products have no planned run time would count as time in which nothing was made.
#}
{% macro rated() -%}
(node_id in (select node_id from {{ ref('unrated_node') }})) is not true
{%- endmacro %}
