-- Which sites a source speaks for, so that its silence means that nothing happened there.
-- Grain: one row per source and node: the enterprise, for which every source speaks, and each site
-- that its facts count at, that holds a node of its own, or that scorecard.yml gives it. A source that
-- names no site at all speaks for all of them.
with named as (
    {%- for fact in facts() %}
    select source_system, node_id, 1 as is_fact from {{ ref(fact) }}
    union
    {%- endfor %}
    select source_system, equipment_code as node_id, 0 as is_fact from {{ live('mes_equipment') }} as live
    union
    select name as source_system, {{ source_site('name') }} as node_id, 0 as is_fact
    from ({{ configured_sources() }}) as configured
),

site as (
    select named.source_system, place.site_id as node_id, max(named.is_fact) = 1 as has_facts
    from named
    inner join {{ ref('dim_organization') }} as place on place.node_id = named.node_id
    where place.site_id is not null
    group by named.source_system, place.site_id
)

select source_system, node_id, has_facts from site

union all

select source.name as source_system, node.node_id, false as has_facts
from ({{ configured_sources() }}) as source
inner join {{ ref('dim_organization') }} as node
    on node.node_level = 'enterprise'
    or (
        node.node_level = 'site'
        and not exists (select 1 from site where site.source_system = source.name)
    )
