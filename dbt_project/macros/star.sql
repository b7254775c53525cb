{#- What star models share. -#}

{#- Rows of a canonical table that the source has not marked as deleted. -#}
{% macro live(table) -%}
(select * from {{ ref(table) }} where not is_deleted)
{%- endmacro %}

{#- `node_id` of the root of the organization. -#}
{% macro enterprise_node() -%}
'{{ var('enterprise').code }}'
{%- endmacro %}

{#- `node_id` of a row: its node in the organization, else the enterprise. -#}
{% macro node_or_enterprise(node) -%}
coalesce({{ node }}, {{ enterprise_node() }})
{%- endmacro %}

{#- Node of a posting or budget: that of its cost centre; without one, the site of its source. -#}
{% macro node_of_cost_center(row, center) -%}
case when {{ row }}.cost_center_code is null then {{ source_site(row ~ '.source_system') }} else {{ center }}.equipment_code end
{%- endmacro %}

{#- Zone of a node, else the enterprise's. -#}
{% macro zone_or_enterprise(zone) -%}
coalesce({{ zone }}, '{{ var('enterprise').time_zone }}')
{%- endmacro %}

{#- Day until which the scorecard counts, in the enterprise's zone; null without any data. -#}
{% macro as_of_date() -%}
{{ only_value('clock_date', 'as_of_date', 'date') }}
{%- endmacro %}

{#- The instant until which the scorecard counts (UTC); null without any data. -#}
{% macro as_of() -%}
{{ only_value('clock', 'as_of', 'timestamp') }}
{%- endmacro %}

{#-
A column of a table of one row: as a literal where a table is computed from it, because what an
engine does not know when it plans it takes for rare, and builds its joins from the wrong side.
A view lasts longer than the value, so it asks for it.
-#}
{% macro only_value(table, column, type) -%}
    {%- set relation = ref(table) -%}
    {%- if execute and model.resource_type == 'model' and model.config.materialized == 'tracked' and load_cached_relation(relation) -%}
        {%- if model[column] is not defined -%}
            {%- do model.update({column: run_query("select cast(" ~ column ~ " as varchar) from " ~ relation).rows[0][0]}) -%}
        {%- endif -%}
        cast({{ "'" ~ model[column] ~ "'" if model[column] else 'null' }} as {{ type }})
    {%- else -%}
        (select {{ column }} from {{ relation }})
    {%- endif -%}
{%- endmacro %}

{#-
A relation as each source sees it (`seen_from`): its own rows; where it has none at all, the row of a
number that only one other source has. So a delivery of a warehouse system finds its order in the ERP,
and the equal order numbers of two ERPs are not mixed up, though one of them lacks the order.
-#}
{% macro seen_from_sources(relation, key) -%}
(
    select *
    from (
        select
            owned.*,
            source.name as seen_from,
            count(*) over (partition by source.name, {{ key | join(', ') }}) as holders
        from {{ relation }} as owned
        cross join ({{ configured_sources() }}) as source
        left join (select distinct source_system from {{ relation }} as held) as holding
            on holding.source_system = source.name
        where owned.source_system = source.name or holding.source_system is null
    )
    where holders = 1 or source_system = seen_from
)
{%- endmacro %}

{#- Condition that a row of `calendar_hour` named `hour` is the one in which a node's moment lies. -#}
{% macro in_hour(node, moment) -%}
hour.node_id = {{ node }}
        and hour.hour_ts = date_trunc('hour', {{ moment }})
        and hour.start_ts <= {{ moment }}
        and hour.end_ts > {{ moment }}
{%- endmacro %}

{#-
Production day of a moment, where `hour` is its hour in the node's calendar (`in_hour`): that of the shift that
it lies in, which began it. A node without a calendar has local dates.
-#}
{% macro production_day(moment, zone) -%}
coalesce(hour.date_day, {{ local_date(moment, zone) }})
{%- endmacro %}

{#- Duration of a piece of state time where a condition holds, else 0. -#}
{% macro state_seconds(condition) -%}
cast(case when {{ condition }} then duration_s else 0 end as decimal(18,6))
{%- endmacro %}
