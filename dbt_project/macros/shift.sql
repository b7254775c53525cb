{#- From weekly patterns to shifts on the calendar: what staging models of several systems share. -#}

{#-
  Days on which patterns become shifts, per source: from the day before its first event to the day
  of its last, which is the extraction where `events` holds that, too. `events` is a relation of `_source` and `ts` (UTC). Grain: source, day, day_of_week
  (0 is Monday).
-#}
{% macro pattern_days(events) -%}
    (
        select
            d._source,
            d.day,
            mod({{ days_between("date '1900-01-01'", 'd.day') }}, 7) as day_of_week
        from (
            select
                p._source,
                cast({{ add_interval('p.first_day', 'n.n', 'day') }} as date) as day
            from (
                select _source, cast(min(ts) as date) as first_day, cast(max(ts) as date) as last_day
                from {{ events }} as e
                group by _source
            ) as p
            {{ lateral_integers(-1, days_between('p.first_day', 'p.last_day'), 'n', 'n') }}
        ) as d
    )
{%- endmacro %}
