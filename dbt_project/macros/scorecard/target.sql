{#
  The target that holds on a row's period_end: the node's own, else the general one. A node does not
  inherit the target of the node above it: a line may lawfully differ from its site, and then says so.
#}
{% macro join_targets(row) -%}
left join {{ ref('kpi_target') }} as own_target
    on own_target.kpi_id = {{ row }}.kpi_id
    and own_target.node_id = {{ row }}.node_id
    and {{ row }}.period_end >= own_target.valid_from
    and {{ row }}.period_end < own_target.valid_to
left join {{ ref('kpi_target') }} as general_target
    on general_target.kpi_id = {{ row }}.kpi_id
    and general_target.node_id is null
    and {{ row }}.period_end >= general_target.valid_from
    and {{ row }}.period_end < general_target.valid_to
{%- endmacro %}

{# target or red_flag of the joined targets. #}
{% macro target_of(column) -%}
case when own_target.kpi_id is null then general_target.{{ column }} else own_target.{{ column }} end
{%- endmacro %}
