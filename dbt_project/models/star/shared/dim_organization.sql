-- grain: one row per node: the enterprise, and every site, area, line and machine below it
-- not additive
-- A node whose parent is unknown hangs directly below the enterprise. Nodes that the source has
-- deleted stay, because older facts belong to them.
{%- set levels = ['site', 'area', 'line'] %}
with recursive equipment as (
    select
        child.*,
        coalesce(parent.equipment_code, {{ enterprise_node() }}) as parent_id
    from {{ ref('mes_equipment') }} as child
    left join {{ ref('mes_equipment') }} as parent on parent.equipment_code = child.parent_code
    where child.equipment_code <> {{ enterprise_node() }}
),

tree as (
    select
        cast({{ enterprise_node() }} as varchar) as node_id,
        cast('{{ var('enterprise').name | replace("'", "''") }}' as varchar) as node_name,
        cast('enterprise' as varchar) as node_level,
        cast(null as varchar) as parent_id,
        {%- for level in levels %}
        cast(null as varchar) as {{ level }}_id,
        {%- endfor %}
        cast('{{ var('enterprise').name | replace("'", "''") }}' as varchar) as path,
        cast('{{ var('enterprise').time_zone }}' as varchar) as time_zone,
        cast(null as decimal(18,6)) as ideal_rate_per_h,
        cast(null as decimal(18,4)) as cost_per_h

    union all

    select
        equipment.equipment_code as node_id,
        equipment.name as node_name,
        equipment.level as node_level,
        equipment.parent_id,
        {%- for level in levels %}
        case when equipment.level = '{{ level }}' then equipment.equipment_code else tree.{{ level }}_id end as {{ level }}_id,
        {%- endfor %}
        concat(tree.path, ' > ', equipment.name) as path,
        coalesce(equipment.time_zone, tree.time_zone) as time_zone,
        equipment.ideal_rate_per_h,
        equipment.cost_per_h
    from equipment
    inner join tree on tree.node_id = equipment.parent_id
)

select
    node_id,
    node_name,
    node_level,
    parent_id,
    {%- for level in levels %}
    {{ level }}_id,
    {%- endfor %}
    path,
    time_zone,
    ideal_rate_per_h,
    cost_per_h,
    row_number() over (order by path, node_id) as sort_order
from tree
