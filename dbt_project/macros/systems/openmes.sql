{#-
  What several of OpenMES's staging models need: how its ids become codes, and where things stand.
  Each macro without arguments is a subselect that carries `_source` and `id`.
  Does not belong here: a mapping that only one canonical table needs.
-#}

{#- Code made of source and id: unique in the enterprise, also with two OpenMES databases. -#}
{% macro openmes_id(alias, kind, id) -%}
    {{ alias }}._source || '-{{ kind }}' || cast({{ id }} as varchar)
{%- endmacro %}

{#-
  A code that people use where it is unique within the source, else one made of source, kind and id.
  A deleted row gives its code up to the live row that took it over. `rows` has `natural_code`,
  `kind`, `id`, `deleted_at`.
-#}
{% macro openmes_code(alias) -%}
    case
        when {{ alias }}.natural_code <> '' and count(*) over (
            partition by {{ alias }}._source, {{ alias }}.natural_code, {{ alias }}.deleted_at is null
        ) = 1 and (
            {{ alias }}.deleted_at is null
            or count(*) over (partition by {{ alias }}._source, {{ alias }}.natural_code) = 1
        ) then {{ alias }}.natural_code
        else {{ alias }}._source || '-' || {{ alias }}.kind || cast({{ alias }}.id as varchar)
    end
{%- endmacro %}

{#-
  Sites, areas, lines and workstations with their codes, unique over all four kinds. A node that
  names nothing above it belongs to the source's only site; a source with several sites or none says
  nothing, so `parent_code` stays empty.
-#}
{% macro openmes_node() -%}
    (
        with raw_node as (
            select
                s._source, 'site' as kind, s.id, s.code as natural_code, s.name, s.timezone,
                cast(null as varchar) as parent_kind, cast(null as bigint) as parent_id,
                cast(null as decimal(18,6)) as ideal_rate_per_hour,
                s.deleted_at, s.updated_at, s._batch, s._extracted_at
            from {{ landed('openmes', 'sites') }} as s
            union all
            select
                a._source, 'area', a.id, a.code, a.name, null, 'site', a.site_id, null,
                a.deleted_at, a.updated_at, a._batch, a._extracted_at
            from {{ landed('openmes', 'areas') }} as a
            union all
            select
                l._source, 'line', l.id, l.code, l.name, null, 'area', l.area_id, null,
                l.deleted_at, l.updated_at, l._batch, l._extracted_at
            from {{ landed('openmes', 'lines') }} as l
            union all
            select
                w._source, 'machine', w.id, w.code, w.name, null, 'line', w.line_id, nullif(w.ideal_rate_per_hour, 0),
                w.deleted_at, w.updated_at, w._batch, w._extracted_at
            from {{ landed('openmes', 'workstations') }} as w
        ),

        node as (
            select r.*, {{ openmes_code('r') }} as node_code
            from raw_node as r
        ),

        only_site as (
            select _source, min(node_code) as site_code, min(timezone) as timezone
            from node
            where kind = 'site' and deleted_at is null
            group by _source
            having count(*) = 1
        )

        select
            n.*,
            case when n.kind <> 'site' then coalesce(p.node_code, o.site_code) end as parent_code,
            o.site_code as only_site_code,
            coalesce(
                n.timezone, p.timezone, s1.timezone, s2.timezone, o.timezone, {{ source_zone('n._source') }}
            ) as time_zone
        from node as n
        left join node as p
            on n._source = p._source and n.parent_kind = p.kind and n.parent_id = p.id
        left join node as s1
            on p._source = s1._source and p.parent_kind = s1.kind and p.parent_id = s1.id
        left join node as s2
            on s1._source = s2._source and s1.parent_kind = s2.kind and s1.parent_id = s2.id
        left join only_site as o
            on n._source = o._source
    )
{%- endmacro %}

{#- Products and materials: `kind` (product, material), item_code unique over both. -#}
{% macro openmes_item() -%}
    (
        select i.*, {{ openmes_code('i') }} as item_code
        from (
            select
                p._source, 'product' as kind, p.id, p.code as natural_code, p.name, p.unit_of_measure as uom,
                p.category, cast(null as bigint) as material_type_id, true as is_made,
                p.deleted_at, p.updated_at, p._batch, p._extracted_at
            from {{ landed('openmes', 'product_types') }} as p
            union all
            select
                m._source, 'material', m.id, m.code, m.name, m.unit_of_measure,
                null, m.material_type_id, m.is_manufactured,
                m.deleted_at, m.updated_at, m._batch, m._extracted_at
            from {{ landed('openmes', 'materials') }} as m
        ) as i
    )
{%- endmacro %}

{#- Reasons of stops and of scrap: `kind` (reason, scrap), reason_code unique over both. -#}
{% macro openmes_reason() -%}
    (
        select r.*, {{ openmes_code('r') }} as reason_code
        from (
            select
                d._source, 'reason' as kind, d.id, d.code as natural_code, d.name, d.kind as stop_kind,
                cast(null as timestamp) as deleted_at, d.updated_at, d._batch, d._extracted_at
            from {{ landed('openmes', 'downtime_reasons') }} as d
            union all
            select
                s._source, 'scrap', s.id, s.code, s.name, null,
                s.deleted_at, s.updated_at, s._batch, s._extracted_at
            from {{ landed('openmes', 'scrap_reasons') }} as s
        ) as r
    )
{%- endmacro %}

{#-
  Batches that were not deleted, with their order, product and node: the workstation where one is
  named, else the order's line. `scrap` is counted once: entries with a reason are part of the
  batch's scrap, unless the batch states less than they add up to.
-#}
{% macro openmes_batch() -%}
    (
        select
            b._source, b.id, b.work_order_id, b.workstation_id, b.status, b.started_at, b.completed_at,
            b.produced_qty, greatest(coalesce(b.scrap_qty, 0), coalesce(e.quantity, 0)) as scrap,
            coalesce(e.quantity, 0) as scrap_with_reason,
            o.order_no, i.item_code, i.uom,
            coalesce(w.node_code, l.node_code) as equipment_code,
            b.updated_at, b._batch, b._extracted_at
        from {{ landed('openmes', 'batches') }} as b
        inner join {{ openmes_order() }} as o
            on b._source = o._source and b.work_order_id = o.id
        inner join {{ openmes_item() }} as i
            on o._source = i._source and o.product_type_id = i.id and i.kind = 'product'
        left join {{ openmes_node() }} as w
            on b._source = w._source and b.workstation_id = w.id and w.kind = 'machine'
        left join {{ openmes_node() }} as l
            on o._source = l._source and o.line_id = l.id and l.kind = 'line'
        left join (
            select _source, batch_id, sum(quantity) as quantity
            from {{ openmes_scrap() }} as s
            group by _source, batch_id
        ) as e
            on b._source = e._source and b.id = e.batch_id
        where b.deleted_at is null
    )
{%- endmacro %}

{#- Scrap entries of batch steps. Entries of an order alone cannot be told from its batches' scrap. -#}
{% macro openmes_scrap() -%}
    (
        select e.*, s.batch_id
        from {{ landed('openmes', 'scrap_entries') }} as e
        inner join {{ landed('openmes', 'batch_steps') }} as s
            on e._source = s._source and e.batch_step_id = s.id
        where e.deleted_at is null
    )
{%- endmacro %}

{#- Work orders, deleted ones too; two live orders of one number are told apart by id. -#}
{% macro openmes_order() -%}
    (
        select
            w._source, w.id, w.line_id, w.product_type_id, w.planned_qty, w.produced_qty, w.status,
            w.due_date, w.planned_start_at, w.completed_at, w.deleted_at,
            w.updated_at, w._batch, w._extracted_at,
            {{ openmes_code('w') }} as order_no
        from (
            select *, 'order' as kind, order_no as natural_code
            from {{ landed('openmes', 'work_orders') }} as o
        ) as w
    )
{%- endmacro %}
