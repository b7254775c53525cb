-- kpi_source of the KPIs whose contributions look at other days or rows, too: where anything changed, any
-- of them may have.
-- Grain and additivity: as kpi_source.
{{ sources_of_parts(by_day=false) }}
