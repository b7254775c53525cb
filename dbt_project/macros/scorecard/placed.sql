{# Parts of KPIs that are summed, and where a contribution row counts besides its node. #}

{#
  Sums of contribution rows per KPI, node, day and shift, of the sites that record all that a KPI
  needs, from the first day on which they do until today. `rows`: KPI -> contribution rows; `by`:
  their columns that the sums are split by, too; `recorded_at`: their column with the node of the
  organization that they were recorded at, where it is not said by their other columns.
#}
{% macro parts(rows, by=[], touched=none, recorded_at=none) %}
with part as (
    {% for kpi, contributions in rows.items() %}
    {#- Most KPIs have no eliminations, and two names of one node would be two columns to group by. -#}
    {%- set place = recorded_at or (recording_node('contribution') if eliminates(kpi) else 'node_id') %}
    {%- set shift = 'shift_id' if kpis()[kpi].get('has_shifts') else 'cast(null as varchar)' %}
    select
        '{{ kpi }}' as kpi_id,
        node_id,
        {{ place }} as recorded_at,
        date_day,
        {{ shift }} as shift_id,
        {%- for column in by %}
        {{ column }},
        {%- endfor %}
        count(*) as row_count,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from {{ contributions }} as contribution
    {%- if touched %}
    where {{ touched }}
    {%- endif %}
    group by node_id, {{ place }}, date_day, {{ ([shift] + by) | join(', ') }}
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        cast(null as varchar) as kpi_id,
        cast(null as varchar) as node_id,
        cast(null as varchar) as recorded_at,
        cast(null as date) as date_day,
        cast(null as varchar) as shift_id,
        {%- for column in by %}
        cast(null as varchar) as {{ column }},
        {%- endfor %}
        0 as row_count,
        {{ measure('0') }} as numerator,
        {{ measure('0') }} as denominator
    where false
    {% endfor %}
)

select
    part.kpi_id,
    part.node_id,
    part.date_day,
    shift.shift_code,
    {%- for column in by %}
    part.{{ column }},
    {%- endfor %}
    {%- if by %}
    cast(sum(part.row_count) as bigint) as row_count,
    {%- endif %}
    cast(sum(part.numerator) as decimal(38,12)) as numerator,
    cast(sum(part.denominator) as decimal(38,12)) as denominator
from part
{{ join_readiness('part', 'recorded_at') }}
left join {{ ref('dim_shift') }} as shift on shift.shift_id = part.shift_id
where
    readiness.missing is null
    and (readiness.first_day is null or part.date_day >= readiness.first_day)
    and part.date_day <= {{ as_of_date() }}
group by part.kpi_id, part.node_id, part.date_day, shift.shift_code
    {%- for column in by %}, part.{{ column }}{% endfor %}
{% endmacro %}

{#
  Node of the organization at which a contribution row was recorded: that of the company, where it
  takes back at the enterprise what this one charged another.
#}
{% macro recording_node(row) -%}
coalesce({{ row }}.eliminated_node_id, {{ row }}.node_id)
{%- endmacro %}

{# True if facts of a KPI have such rows. #}
{% macro eliminates(kpi) %}
    {%- set found = [] -%}
    {%- set facts = graph.nodes['model.scorecard.kpi_' ~ kpi].depends_on.nodes if execute else [] -%}
    {%- for id in facts -%}
        {%- if 'eliminated_node_id' in contexts().get(id.split('.') | last, []) -%}{%- do found.append(id) -%}{%- endif -%}
    {%- endfor -%}
    {{- return(found | length > 0) -}}
{% endmacro %}

{# Rows of kpi_source of the KPIs that are summed and change by the day, or of the others. #}
{% macro sources_of_parts(by_day) %}
{%- set rows = {} %}
{%- for kpi, definition in kpis().items() if definition.rollup in summed_classes() %}
-- depends_on: {{ ref('kpi_' ~ kpi) }}
    {%- if dated_by_its_facts(kpi) == by_day %}
    {%- do rows.update({kpi: ref('kpi_' ~ kpi)}) %}
    {%- endif %}
{%- endfor %}
{{ parts(rows, by=['fact', 'source_system', 'batch_id'], touched=in_touched_days('date_day') if by_day else none) }}
{% endmacro %}

{#
  Contribution rows of a KPI at the nodes of the segments that it is rolled up by. The columns that
  tie a row to a segment are tried best first; a row that belongs to no group of a segment is not in it.
  What is eliminated at the enterprise stays in the books of its companies and business units.
#}
{% macro in_segments(kpi, columns) %}
{%- for segment in kpis()[kpi].get('segments', []) %}
{%- set contexts = segment_context()[segment] %}
select
    coalesce({% for column in contexts %}by_{{ column }}.node_id, {% endfor %}null) as node_id,
    {{ recording_node('contribution') }} as recorded_at,
    {% for column in columns %}contribution.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
from {{ ref('kpi_' ~ kpi) }} as contribution
{%- for column in contexts %}
left join {{ ref('segment_member') }} as by_{{ column }}
    on by_{{ column }}.segment = '{{ segment }}'
    and by_{{ column }}.context_column = '{{ column }}'
    and by_{{ column }}.code = contribution.{{ column }}
{%- endfor %}
where
    ({% for column in contexts %}by_{{ column }}.node_id is not null{{ ' or ' if not loop.last }}{% endfor %})
    {%- if segment in segments_with_books() %}
    and contribution.eliminated_node_id is null
    {%- endif %}
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endmacro %}
