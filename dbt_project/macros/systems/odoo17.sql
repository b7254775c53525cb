{#-
  What several of Odoo's staging models need: how its ids become codes, and what its rows mean.
  Each macro without arguments is a subselect that carries `_source` and `id`.
  Does not belong here: a mapping that only one canonical table needs.
-#}

{#- Each company is a site: it is what orders, work centres, stock and employees all name. -#}
{% macro odoo17_site(alias, company_id='company_id') -%}
    {{ source_code(alias, 'site', alias ~ '.' ~ company_id) }}
{%- endmacro %}

{#- Odoo stores naive UTC; promises and postings are compared as days of the source's zone. -#}
{% macro odoo17_local_date(timestamp, alias) -%}
    {{ local_date(timestamp, source_zone(alias ~ '._source')) }}
{%- endmacro %}

{#- Names are JSON by language; en_US is always there. -#}
{% macro odoo17_name(expression) -%}
    {{ json_text(expression, 'en_US') }}
{%- endmacro %}

{#- Unit: uom_code, category_id and factor (this many of the unit make one reference unit). -#}
{% macro odoo17_uom() -%}
    (
        select
            n._source, n.id, n.category_id, n.factor, n._batch, n._extracted_at, n.write_date,
            {{ natural_code('n', 'n.name', 'uom') }} as uom_code
        from (
            select
                _source, id, category_id, factor, _batch, _extracted_at, write_date,
                {{ odoo17_name('name') }} as name
            from {{ landed('odoo17', 'uom_uom') }} as u
        ) as n
    )
{%- endmacro %}

{#- Variant with what its template says: item_code, type (product, consu, service), base_uom. -#}
{% macro odoo17_item() -%}
    (
        select
            p._source, p.id, p.product_tmpl_id, p._batch, p._extracted_at, p.write_date,
            {{ natural_code('p', 'p.default_code', 'p') }} as item_code,
            {{ odoo17_name('t.name') }} as name, t.type, t.categ_id, t.uom_id, u.uom_code as base_uom
        from {{ landed('odoo17', 'product_product') }} as p
        inner join {{ landed('odoo17', 'product_template') }} as t
            on p._source = t._source and p.product_tmpl_id = t.id
        inner join {{ odoo17_uom() }} as u
            on t._source = u._source and t.uom_id = u.id
    )
{%- endmacro %}

{#- Partner -> party_code of the company behind a contact or an address. -#}
{% macro odoo17_party() -%}
    (
        select c._source, c.id, p.id as party_id, p.party_code
        from {{ landed('odoo17', 'res_partner') }} as c
        inner join (
            select p._source, p.id, {{ natural_code('p', 'p.ref', '') }} as party_code
            from {{ landed('odoo17', 'res_partner') }} as p
            where p.id = p.commercial_partner_id
        ) as p
            on c._source = p._source and c.commercial_partner_id = p.id
    )
{%- endmacro %}

{#- Work centre -> equipment_code. -#}
{% macro odoo17_workcenter() -%}
    (
        select
            w._source, w.id, w.company_id, w.name, w.resource_calendar_id, w.costs_hour,
            w.write_date, w._batch, w._extracted_at,
            {{ natural_code('w', 'w.code', 'wc') }} as equipment_code,
            coalesce(w.time_start, 0) + coalesce(w.time_stop, 0) as setup_min,
            coalesce(nullif(w.time_efficiency, 0), 100) as time_efficiency,
            coalesce(nullif(w.default_capacity, 0), 1) as default_capacity
        from {{ landed('odoo17', 'mrp_workcenter') }} as w
    )
{%- endmacro %}

{#-
  Manufacturing orders made here (a subcontractor's are purchases). Backorders: Odoo renames the
  first part to -001 and adds -002, ...; they share the procurement group. All parts point to the
  first one in root_name; root_name is null where nothing was split.
-#}
{% macro odoo17_production() -%}
    (
        select
            o._source, o.id, o.name, o.company_id, o.product_id, o.product_qty, o.product_uom_id,
            o.state, o.date_deadline, o.date_start, o.date_finished, o.write_date,
            o._batch, o._extracted_at,
            case when o.backorder_sequence > 0 then
                first_value(o.name) over (
                    partition by o._source, o.procurement_group_id, o.product_id, o.backorder_sequence > 0
                    order by o.backorder_sequence, o.id
                )
            end as root_name
        from {{ landed('odoo17', 'mrp_production') }} as o
        left join {{ landed('odoo17', 'mrp_bom') }} as b
            on o._source = b._source and o.bom_id = b.id
        where coalesce(b.type, 'normal') <> 'subcontract'
    )
{%- endmacro %}

{#-
  Work orders with their place in the order. op_seq follows the routing; is_final is the last one
  that was not cancelled. pri_s is the routing's cycle time per piece with the work centre's
  capacity and efficiency, as Odoo itself plans; where the cycle time is computed by Odoo or there
  is no routing, the planned duration per piece without set-up and clean-up.
-#}
{% macro odoo17_workorder() -%}
    (
        select
            w._source, w.id, w.production_id, o.name as order_no, o.company_id, o.product_id,
            o.product_uom_id, o.state as production_state, w.state, w.qty_produced, w.duration,
            w.duration_expected, w.date_start, w.date_finished, w.write_date, w._batch, w._extracted_at,
            c.equipment_code, c.setup_min,
            row_number() over (
                partition by w._source, w.production_id order by coalesce(r.sequence, 1000000), w.id
            ) as op_seq,
            w.state <> 'cancel' and row_number() over (
                partition by w._source, w.production_id, w.state = 'cancel'
                order by coalesce(r.sequence, 1000000) desc, w.id desc
            ) = 1 as is_final,
            case
                when r.time_mode = 'manual' then
                    r.time_cycle_manual * 60 * 100
                    / (c.time_efficiency * coalesce(nullif(k.capacity, 0), nullif(c.default_capacity, 0), 1))
                when o.product_qty > 0 then
                    greatest(w.duration_expected - c.setup_min, 0) * 60 / o.product_qty
            end as pri_s
        from {{ landed('odoo17', 'mrp_workorder') }} as w
        inner join {{ odoo17_production() }} as o
            on w._source = o._source and w.production_id = o.id
        inner join {{ odoo17_workcenter() }} as c
            on w._source = c._source and w.workcenter_id = c.id
        left join {{ landed('odoo17', 'mrp_routing_workcenter') }} as r
            on w._source = r._source and w.operation_id = r.id
        left join {{ landed('odoo17', 'mrp_workcenter_capacity') }} as k
            on w._source = k._source and w.workcenter_id = k.workcenter_id and o.product_id = k.product_id
    )
{%- endmacro %}

{#- Moves that happened, with the usage of the locations between which they did. -#}
{% macro odoo17_move() -%}
    (
        select
            m._source, m.id, m.company_id, m.product_id, m.product_uom, m.quantity, m.date, m.scrapped,
            m.picking_id, m.production_id, m.raw_material_production_id, m.byproduct_id, m.sale_line_id,
            m.purchase_line_id, m.write_date, m._batch, m._extracted_at,
            coalesce(m.unbuild_id, m.consume_unbuild_id) as unbuild_id,
            i.item_code, u.uom_code,
            f.usage as from_usage, f.complete_name as from_location,
            t.usage as to_usage, t.complete_name as to_location
        from {{ landed('odoo17', 'stock_move') }} as m
        inner join {{ landed('odoo17', 'stock_location') }} as f
            on m._source = f._source and m.location_id = f.id
        inner join {{ landed('odoo17', 'stock_location') }} as t
            on m._source = t._source and m.location_dest_id = t.id
        inner join {{ odoo17_item() }} as i
            on m._source = i._source and m.product_id = i.id
        inner join {{ odoo17_uom() }} as u
            on m._source = u._source and m.product_uom = u.id
        where m.state = 'done' and m.quantity > 0
    )
{%- endmacro %}

{#-
  Reasons of time logs. Odoo has no loss type for set-up: it is the availability loss that Odoo
  ships as "Setup and Adjustments", or any other that is called set-up or changeover.
-#}
{% macro odoo17_loss() -%}
    (
        select
            r._source, r.id, r.loss_type, r.name, r.write_date, r._batch, r._extracted_at,
            {{ source_code('r', 'loss', 'r.id') }} as reason_code,
            r.loss_type = 'availability' and (
                lower(r.name) like '%setup%' or lower(r.name) like '%set-up%'
                or lower(r.name) like '%changeover%'
            ) as is_setup
        from (
            select
                _source, id, loss_type, write_date, _batch, _extracted_at,
                {{ odoo17_name('name') }} as name
            from {{ landed('odoo17', 'mrp_workcenter_productivity_loss') }} as l
        ) as r
    )
{%- endmacro %}

{#- State of a manufacturing order -> status of the contract. -#}
{% macro odoo17_production_status(state) -%}
    case {{ state }}
        when 'draft' then 'draft'
        when 'confirmed' then 'released'
        when 'progress' then 'started'
        when 'to_close' then 'started'
        when 'done' then 'finished'
        when 'cancel' then 'cancelled'
    end
{%- endmacro %}

{#-
  Present standard cost of each variant and its currency. It is no column: ir_property holds one
  value per company and variant, the variant as text 'product.product,<id>'. An item has one cost
  here; where companies differ, the first company's holds.
-#}
{% macro odoo17_standard_cost() -%}
    (
        select s.*
        from (
            select
                p._source, p.id, p.write_date, p._batch, p._extracted_at,
                cast(split_part(p.res_id, ',', 2) as integer) as product_id,
                p.value_float as unit_cost,
                c.name as currency,
                row_number() over (
                    partition by p._source, p.res_id order by p.company_id nulls last, p.id
                ) as choice
            from {{ landed('odoo17', 'ir_property') }} as p
            left join {{ landed('odoo17', 'res_company') }} as o
                on p._source = o._source and p.company_id = o.id
            left join {{ landed('odoo17', 'res_currency') }} as c
                on o._source = c._source and o.currency_id = c.id
            where p.name = 'standard_price' and p.res_id like 'product.product,%'
        ) as s
        where s.choice = 1
    )
{%- endmacro %}
