{#-
Where dialects of a KPI differ: `enterprise.conventions` of scorecard.yml, seen as SQL over the time
elements of fct_state_time. Those elements are ISO 22400-2's whatever the conventions say.
-#}

{#- What the enterprise chose for one convention. -#}
{% macro convention(name) %}{{ return(var('conventions')[name]) }}{% endmacro %}

{#- Time that availability credits and effectiveness measures: APT, and minor stops if they are a loss of performance. -#}
{% macro operating_time() -%}
{%- if convention('minor_stops') == 'performance' -%}
apt_s + case when whole_s < {{ convention('minor_stop_below_s') }} then adet_s else 0 end
{%- else -%}
apt_s
{%- endif -%}
{%- endmacro %}

{#- Planned busy time (PBT), and planned downtime in a shift if it counts as a loss. -#}
{% macro busy_time() -%}
{%- if convention('planned_downtime') == 'availability' -%}
pbt_s + case when is_scheduled then planned_down_s else 0 end
{%- else -%}
pbt_s
{%- endif -%}
{%- endmacro %}

{#- Busy time of availability and OEE: without set-up if that is planned downtime. -#}
{% macro oee_busy_time() -%}
{{ busy_time() }}{{ ' - aust_s' if convention('set_up') == 'planned' }}
{%- endmacro %}

{#-
Condition that a piece of state time counts in OEE. A break that no state shows takes time away, and
where planned downtime is a loss of availability, from operating time alone.
-#}
{% macro was_busy() -%}
(({{ oee_busy_time() }}) <> 0 or ({{ operating_time() }}) <> 0)
{%- endmacro %}

{#-
Busy time as rows without any quantity, so that a machine that made nothing has a value at all; no
rows where nothing made means no data.
-#}
{% macro busy_without_output() -%}
{{ was_busy() if convention('zero_production') == 'zero' else 'false' }}
{%- endmacro %}
