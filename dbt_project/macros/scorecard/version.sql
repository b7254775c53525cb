{#- Condition that a version of a KPI's formula counts on a day. -#}
{% macro counts_on(version, day) -%}
coalesce({{ version }}.valid_from, date '0001-01-01') <= {{ day }} and {{ version }}.valid_to > {{ day }}
{%- endmacro %}

{#
  Contribution rows of one version of a KPI, on the days that it counts. A KPI with former versions
  consists of such blocks, one for each, with `union all` between them:

      {% call effective('scrap_ratio', 1) %}
      the SQL of version 1, word for word as it was
      {% endcall %}
      union all
      {% call effective('scrap_ratio', 2) %}
      ...
      {% endcall %}
#}
{% macro effective(kpi, version) -%}
{%- set days = kpis()[kpi].get('versions', {}).get(version | string) -%}
{%- if days is none -%}
    {%- do exceptions.raise_compiler_error(
        "kpi_" ~ kpi ~ ".sql has a block of version " ~ version ~ ", but " ~ kpi ~ ".yml has no such version beside "
        ~ "former ones. Name it there and run: python -m orchestration.codegen"
    ) -%}
{%- endif -%}
select * from (
{{ caller() }}
) as contribution
where
    {{ "date_day >= date '" ~ days.valid_from ~ "'" if days.valid_from else 'true' }}
    and {{ "date_day < date '" ~ days.valid_to ~ "'" if days.valid_to else 'true' }}
{%- endmacro %}
