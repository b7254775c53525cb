{# Where a contribution row counts. #}

{#
  Contribution rows of a KPI at their node of the organization, and once more at the node of each
  segment that the KPI is rolled up by. The columns of a segment are tried best first; a row that
  belongs to no group of a segment is not in it.
#}
{% macro placed(kpi, columns) %}
{%- set rows = ref('kpi_' ~ kpi) -%}
select node_id, {{ columns | join(', ') }}
from {{ rows }}
{%- for segment in kpis()[kpi].get('segments', []) %}
{%- set contexts = segment_context()[segment] %}
union all
select
    coalesce({% for column in contexts %}by_{{ column }}.node_id{{ ', ' if not loop.last }}{% endfor %}, null) as node_id,
    {% for column in columns %}contribution.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
from {{ rows }} as contribution
{%- for column in contexts %}
left join {{ ref('segment_member') }} as by_{{ column }}
    on by_{{ column }}.segment = '{{ segment }}'
    and by_{{ column }}.context_column = '{{ column }}'
    and by_{{ column }}.code = contribution.{{ column }}
{%- endfor %}
where {% for column in contexts %}by_{{ column }}.node_id is not null{{ ' or ' if not loop.last }}{% endfor %}
{%- endfor %}
{% endmacro %}

{# Roll-up classes whose parts are summed; the others are computed from members. #}
{% macro summed_classes() %}{{ return(['additive', 'ratio', 'stock']) }}{% endmacro %}
