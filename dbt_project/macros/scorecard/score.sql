{#
  Score of a value from 0 to 10: the red flag scores 10/3, the target 20/3, linear between and
  beyond, clipped. A lower-is-better KPI has its target below its red flag, which needs no rule of
  its own. For a band, the target is the best value (10) and red_flag the distance that scores 10/3.
#}
{% macro kpi_score(value, target, red_flag, direction) -%}
case
    when {{ value }} is null or {{ target }} is null then null
    else greatest(0.0e0, least(10.0e0,
        case
            when {{ direction }} = 'band'
                then 10.0e0 - 20.0e0 / 3 * abs({{ value }} - {{ target }}) / {{ red_flag }}
            else
                10.0e0 / 3
                * (1 + ({{ value }} - {{ red_flag }}) / ({{ target }} - {{ red_flag }}))
        end
    ))
end
{%- endmacro %}

{#
  Status of a score. Rounded, because 10 - 20/3 * 1/2 and 20/3 differ in the last bit, and a value
  that stands exactly on its target must be green.
#}
{% macro kpi_status(score) -%}
case
    when {{ score }} is null then 'no_target'
    when round({{ score }}, 9) >= round(20.0e0 / 3, 9) then 'green'
    when round({{ score }}, 9) >= round(10.0e0 / 3, 9) then 'amber'
    else 'red'
end
{%- endmacro %}

{# Mean of a double that may be missing, in decimals: it does not depend on the order of rows. #}
{% macro weighted_mean(score, weight) -%}
cast(sum({{ measure(weight ~ ' * ' ~ score) }}) as double)
    / cast(sum(case when {{ score }} is not null then {{ measure(weight) }} end) as double)
{%- endmacro %}

{# Share of the weight whose score is not missing. #}
{% macro weight_share(score, weight) -%}
cast(sum(case when {{ score }} is not null then {{ measure(weight) }} else 0 end) as double)
    / cast(sum({{ measure(weight) }}) as double)
{%- endmacro %}
