-- Numerator and denominator of the KPIs that are rolled up by segments, per segment node, day and shift.
-- Grain: as kpi_part; a contribution has one row in each segment that it belongs to a group of.
-- Additive over shifts, days and the nodes of one segment. NOT over segments, nor with kpi_part: all of
-- it is in the organization already.
{%- set rows = {} %}
{%- for kpi, definition in kpis().items() if definition.rollup in summed_classes() and definition.get('segments') %}
    {%- do rows.update({kpi: '(' ~ in_segments(kpi, ['date_day', 'shift_id', 'numerator', 'denominator']) ~ ')'}) %}
{%- endfor %}
{{ parts(rows, recorded_at='recorded_at') }}
