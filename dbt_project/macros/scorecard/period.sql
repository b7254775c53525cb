{# Periods and levels: their names in one place. #}

{# Whole periods: name -> (columns of dim_date with first and last day, unit and number of it). #}
{% macro whole_periods() %}
{{ return({
    'day': {'start': 'date_day', 'end': 'date_day', 'back': ('day', -1)},
    'week': {'start': 'week_start', 'end': 'week_end', 'back': ('day', -7)},
    'month': {'start': 'month_start', 'end': 'month_end', 'back': ('month', -1)},
    'quarter': {'start': 'quarter_start', 'end': 'quarter_end', 'back': ('month', -3)},
    'year': {'start': 'year_start', 'end': 'year_end', 'back': ('month', -12)},
}) }}
{% endmacro %}

{# Whole periods that also run to date. #}
{% macro running_periods() %}{{ return(['month', 'quarter', 'year']) }}{% endmacro %}

{# Depth of an ISA-95 level, 0 for the enterprise. #}
{% macro level_depth(level) -%}
case {{ level }}
    when 'enterprise' then 0 when 'site' then 1 when 'area' then 2 when 'line' then 3 else 4
end
{%- endmacro %}
