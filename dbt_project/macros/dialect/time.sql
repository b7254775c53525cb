{#- What engines say differently about time. Timestamps are naive UTC unless a name says local. -#}

{#- Local wall-clock time to UTC. `zone` is an SQL expression that gives an IANA name. -#}
{% macro to_utc(local, zone) %}{{ return(adapter.dispatch('to_utc')(local, zone)) }}{% endmacro %}

{% macro default__to_utc(local, zone) -%}
timezone('UTC', timezone({{ zone }}, cast({{ local }} as timestamp)))
{%- endmacro %}

{% macro spark__to_utc(local, zone) -%}
to_utc_timestamp({{ local }}, {{ zone }})
{%- endmacro %}

{#- UTC to local wall-clock time. -#}
{% macro to_local(utc, zone) %}{{ return(adapter.dispatch('to_local')(utc, zone)) }}{% endmacro %}

{% macro default__to_local(utc, zone) -%}
timezone({{ zone }}, timezone('UTC', cast({{ utc }} as timestamp)))
{%- endmacro %}

{% macro spark__to_local(utc, zone) -%}
from_utc_timestamp({{ utc }}, {{ zone }})
{%- endmacro %}

{#- Local date of a UTC timestamp. -#}
{% macro local_date(utc, zone) -%}
cast({{ to_local(utc, zone) }} as date)
{%- endmacro %}

{#- Exact seconds from one timestamp to a later one, as decimal(18,6). -#}
{% macro seconds_between(start, end) -%}
{{ return(adapter.dispatch('seconds_between')(start, end)) }}
{%- endmacro %}

{% macro default__seconds_between(start, end) -%}
cast(cast(epoch_us({{ end }}) - epoch_us({{ start }}) as decimal(18,0)) * 0.000001 as decimal(18,6))
{%- endmacro %}

{% macro spark__seconds_between(start, end) -%}
cast(cast(unix_micros({{ end }}) - unix_micros({{ start }}) as decimal(18,0)) * 0.000001 as decimal(18,6))
{%- endmacro %}

{#- Whole days from one date to another. -#}
{% macro days_between(start, end) -%}
{{ return(adapter.dispatch('days_between')(start, end)) }}
{%- endmacro %}

{% macro default__days_between(start, end) -%}
date_diff('day', {{ start }}, {{ end }})
{%- endmacro %}

{% macro spark__days_between(start, end) -%}
datediff({{ end }}, {{ start }})
{%- endmacro %}

{#- Date or timestamp plus a number of units (day, month, hour, ...). -#}
{% macro add_interval(value, number, unit) -%}
{{ return(adapter.dispatch('add_interval')(value, number, unit)) }}
{%- endmacro %}

{% macro default__add_interval(value, number, unit) -%}
({{ value }} + ({{ number }}) * interval 1 {{ unit }})
{%- endmacro %}

{% macro spark__add_interval(value, number, unit) -%}
timestampadd({{ unit }}, {{ number }}, {{ value }})
{%- endmacro %}

{#- Table expression `alias(column)` that holds every value of a lateral series, ends included. -#}
{% macro lateral_integers(first, last, alias, column) -%}
{{ return(adapter.dispatch('lateral_integers')(first, last, alias, column)) }}
{%- endmacro %}

{% macro default__lateral_integers(first, last, alias, column) -%}
cross join lateral unnest(generate_series({{ first }}, {{ last }})) as {{ alias }}({{ column }})
{%- endmacro %}

{% macro spark__lateral_integers(first, last, alias, column) -%}
lateral view explode(sequence({{ first }}, {{ last }})) {{ alias }} as {{ column }}
{%- endmacro %}

{#- Whole hours from one timestamp to a later one. -#}
{% macro hours_between(start, end) -%}
{{ return(adapter.dispatch('hours_between')(start, end)) }}
{%- endmacro %}

{% macro default__hours_between(start, end) -%}
date_sub('hour', {{ start }}, {{ end }})
{%- endmacro %}

{% macro spark__hours_between(start, end) -%}
timestampdiff(hour, {{ start }}, {{ end }})
{%- endmacro %}

{#- Seconds since midnight of a time of day. -#}
{% macro seconds_of_day(time) -%}
(
    cast(substr(cast({{ time }} as varchar), 1, 2) as bigint) * 3600
    + cast(substr(cast({{ time }} as varchar), 4, 2) as bigint) * 60
    + cast(substr(cast({{ time }} as varchar), 7, 2) as bigint)
)
{%- endmacro %}
