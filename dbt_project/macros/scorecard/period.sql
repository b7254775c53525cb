{# Periods: their names in one place. #}

{# Whole periods -> columns of dim_date with their first and last day. #}
{% macro whole_periods() %}
{{ return({
    'day': {'start': 'date_day', 'end': 'date_day'},
    'week': {'start': 'week_start', 'end': 'week_end'},
    'month': {'start': 'month_start', 'end': 'month_end'},
    'quarter': {'start': 'quarter_start', 'end': 'quarter_end'},
    'year': {'start': 'year_start', 'end': 'year_end'},
}) }}
{% endmacro %}

{# Whole periods of the fiscal calendar; they also run to date. #}
{% macro running_periods() %}{{ return(['month', 'quarter', 'year']) }}{% endmacro %}

{# Whole periods of a fixed length -> days from one to the next, and to that of a year ago. #}
{% macro fixed_periods() %}{{ return({'shift': [1, 364], 'day': [1, 364], 'week': [7, 364]}) }}{% endmacro %}
