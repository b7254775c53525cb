-- kpi_source of the KPIs whose contributions are rows of facts on the day that the fact says: they can
-- change only on days on which a fact changed.
-- Grain and additivity: as kpi_source.
{{ config(meta={'recompute': 'days', 'lies_by': ['date_day']}) }}
{{ sources_of_parts(by_day=true) }}
