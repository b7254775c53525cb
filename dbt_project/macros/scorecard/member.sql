{# Roll-up classes that are computed from members at each node and period: product, set, none. #}

{# What a row of such a KPI says besides a contribution: column -> how it is null. #}
{% macro member_columns() %}
{{ return({
    'member': 'varchar',
    'valid_to': 'date',
    'place': 'bigint',
    'lsl': 'decimal(18,6)',
    'usl': 'decimal(18,6)',
}) }}
{% endmacro %}

{#
  Rows of a star table as contributions of members. For rollup product: numerator and denominator of
  the member. For set: numerator and denominator are flags, and the row holds from date_day until
  before valid_to. For none: numerator is the observed value; capability indices also take
  its place in the order of time, lsl and usl.
#}
{% macro member_contribution(
    fact,
    numerator='0',
    denominator='0',
    where=none,
    date_day='date_day',
    node_id='node_id',
    member=none,
    valid_to=none,
    place=none,
    lsl=none,
    usl=none
) %}
{%- set given = {
    'member': member, 'valid_to': valid_to, 'place': place, 'lsl': lsl, 'usl': usl
} -%}
{%- set more = {} -%}
{%- for column, type in member_columns().items() -%}
    {%- do more.update({column: 'cast(' ~ (given[column] or 'null') ~ ' as ' ~ type ~ ')'}) -%}
{%- endfor -%}
{{ contribution(fact, numerator, denominator, where, date_day, node_id, more) }}
{% endmacro %}

{# What identifies a value before it has one. #}
{% macro cell() %}kpi_id, node_id, period_type, period_start, period_end{% endmacro %}

{# product: the ratios of the members, multiplied. #}
{% macro product_over_members(observed) %}
select
    {{ cell() }},
    {{ measure(product_of('ratio', 'member')) }} as numerator,
    {{ measure('1') }} as denominator
from (
    select
        {{ cell() }},
        member,
        cast(sum(numerator) as double) / cast(sum(denominator) as double) as ratio
    from {{ observed }}
    where rollup = 'product'
    group by {{ cell() }}, member
    having sum(denominator) <> 0
) as of_member
group by {{ cell() }}
{% endmacro %}

{# set: members of the base, and those of them that have a numerator on the last day. #}
{% macro members_of_set(standing) %}
select
    {{ cell() }},
    {{ measure('sum(is_base * is_counted)') }} as numerator,
    {{ measure('sum(is_base)') }} as denominator
from (
    select
        {{ cell() }},
        member,
        max({{ flag('denominator > 0 and date_day <= base_day and valid_to > base_day') }}) as is_base,
        max({{ flag('numerator > 0 and date_day <= last_day and valid_to > last_day') }}) as is_counted
    from {{ standing }}
    group by {{ cell() }}, member
) as of_member
group by {{ cell() }}
{% endmacro %}

{#
  none: capability index of each member (ISO 22400-2: Cm and Cmk by the standard deviation of the
  sample, Cp and Cpk by that estimated from the moving ranges between its values of the period,
  MR / 1.128), of which the worst is the value, or the share that reaches at_least. A member without
  spread has none. With one limit only the side that has it counts, and Cp and Cm are not defined.
#}
{% macro capability_of_members(observed) %}
select
    {{ cell() }},
    {{ measure('case when at_least is null then min(index) else sum(' ~ flag('index >= at_least') ~ ') end') }} as numerator,
    {{ measure('case when at_least is null then 1 else count(index) end') }} as denominator
from (
    select
        {{ cell() }},
        at_least,
        case
            when statistic in ('cp', 'cm') then (usl - lsl) / (6 * spread)
            else least(usl - mean, mean - lsl) / (3 * spread)
        end as index
    from (
        select
            {{ cell() }},
            statistic,
            at_least,
            cast(max(lsl) as double) as lsl,
            cast(min(usl) as double) as usl,
            cast(sum(value) as double) / count(*) as mean,
            nullif(case
                when statistic in ('cp', 'cpk')
                    then cast(sum(moving_range) as double) / count(moving_range) / 1.128
                -- Exact until the root: differences of large squares lose digits in doubles.
                when count(*) > 1
                    then sqrt(cast(count(*) * sum(square) - {{ product('sum(value)', 6, 'sum(value)', 6, 'decimal(38,12)') }} as double)
                        / count(*) / (count(*) - 1))
            end, 0) as spread
        from (
            select
                *,
                cast(numerator as decimal(18,6)) as value,
                abs(cast(numerator - lag(numerator) over (
                    partition by {{ cell() }}, member order by place
                ) as decimal(18,6))) as moving_range,
                {{ product('cast(numerator as decimal(18,6))', 6, 'cast(numerator as decimal(18,6))', 6, 'decimal(38,12)') }} as square
            from {{ observed }}
            where statistic in ('cp', 'cpk', 'cm', 'cmk')
        ) as observation
        group by {{ cell() }}, member, statistic, at_least
    ) as of_member
) as judged
where index is not null
group by {{ cell() }}, at_least
{% endmacro %}

{# none: a percentile of all observed values. #}
{% macro percentiles(observed) %}
{%- set percentile_of = {} -%}
{%- for kpi, definition in kpis().items() if definition.get('percentile') -%}
    {%- do percentile_of.setdefault(definition.percentile, []).append(kpi) -%}
{%- endfor -%}
{%- for percentile, members in percentile_of.items() %}
select
    {{ cell() }},
    {{ measure('percentile_cont(' ~ percentile / 100 ~ ') within group (order by cast(numerator as double))') }} as numerator,
    {{ measure('1') }} as denominator
from {{ observed }}
where kpi_id in ('{{ members | join("', '") }}')
group by {{ cell() }}
{{ 'union all' if not loop.last }}
{% endfor -%}
{% endmacro %}
