{#-
  What several of Tryton's staging models need: how its ids become codes, its dates instants, and its
  references ids. Each macro without arguments is a subselect that carries `_source` and `id`.
  Does not belong here: a mapping that only one canonical table needs.
-#}

{#- Id behind a reference such as 'sale.line,12'; null where it refers to another model. -#}
{% macro tryton74_reference(expression, model) -%}
    case
        when {{ expression }} like '{{ model }},%' then cast(split_part({{ expression }}, ',', 2) as integer)
    end
{%- endmacro %}

{#- Last change of a row: write_date is empty until the first one. -#}
{% macro tryton74_changed_at(alias) -%}
    coalesce({{ alias }}.write_date, {{ alias }}.create_date)
{%- endmacro %}

{#- Noon of a local date as UTC: no time zone and no start of the production day moves it to another day. -#}
{% macro tryton74_noon(date, zone) -%}
    {{ to_utc(add_interval('cast(' ~ date ~ ' as timestamp)', 12, 'hour'), zone) }}
{%- endmacro %}

{#-
  Instant of what Tryton knows by its day only: noon, but when it was booked where that was earlier
  on the same day, because nothing may lie in the future.
-#}
{% macro tryton74_instant(date, booked_at, zone) -%}
    case
        when {{ local_date(booked_at, zone) }} = {{ date }}
            then least({{ booked_at }}, {{ tryton74_noon(date, zone) }})
        else {{ tryton74_noon(date, zone) }}
    end
{%- endmacro %}

{#- Instant of a sale or purchase (its subselect below); a draft has no day yet. -#}
{% macro tryton74_ordered_at(order, date) -%}
    coalesce({{ tryton74_instant(date, order ~ '.changed_at', order ~ '.zone') }}, {{ order }}.create_date)
{%- endmacro %}

{#- Seconds of an interval, which lands as ISO 8601 text: Tryton writes days, hours, minutes, seconds. -#}
{% macro tryton74_seconds(interval) -%}
    cast(
        {%- for unit, seconds in [('(-?[0-9]+)D', 86400), ('(-?[0-9]+)H', 3600), ('T.*?(-?[0-9]+)M', 60), ('(-?[0-9.]+)S', 1)] %}
        {{ '+ ' if not loop.first -}}
        coalesce(cast(nullif(regexp_extract({{ interval }}, '{{ unit }}', 1), '') as decimal(18,6)), 0) * {{ seconds }}
        {%- endfor %}
        as decimal(18,6)
    )
{%- endmacro %}

{#- Company: site_code (it is what orders, work centres, stock and people all name), zone, currency. -#}
{% macro tryton74_company() -%}
    (
        select
            c._source, c.id, c._batch, c._extracted_at,
            {{ tryton74_changed_at('c') }} as changed_at,
            {{ source_code('c', 'site', 'c.id') }} as site_code,
            coalesce(c.timezone, {{ source_zone('c._source') }}) as zone,
            u.code as currency
        from {{ landed('tryton74', 'company_company') }} as c
        left join {{ landed('tryton74', 'currency_currency') }} as u
            on c._source = u._source and c.currency = u.id
    )
{%- endmacro %}

{#- Unit: uom_code and size, how many of its category's base unit it is, by the exact one of Tryton's two numbers. -#}
{% macro tryton74_uom() -%}
    (
        select
            u._source, u.id, u.category, u._batch, u._extracted_at,
            {{ tryton74_changed_at('u') }} as changed_at,
            {{ natural_code('u', 'u.symbol', 'uom') }} as uom_code,
            case
                when length(cast(u.rate as varchar)) < length(cast(u.factor as varchar)) then 1 / u.rate
                else u.factor
            end as size
        from {{ landed('tryton74', 'product_uom') }} as u
    )
{%- endmacro %}

{#- Variant with what its template says: item_code, type (goods, assets, service), base_uom. -#}
{% macro tryton74_item() -%}
    (
        select
            p._source, p.id, p.template, p._batch, p._extracted_at,
            greatest({{ tryton74_changed_at('p') }}, {{ tryton74_changed_at('t') }}) as changed_at,
            {{ natural_code('p', 'p.code', 'p') }} as item_code,
            t.name, t.type, t.account_category,
            u.uom_code as base_uom, u.size as base_size
        from {{ landed('tryton74', 'product_product') }} as p
        inner join {{ landed('tryton74', 'product_template') }} as t
            on p._source = t._source and p.template = t.id
        inner join {{ tryton74_uom() }} as u
            on t._source = u._source and t.default_uom = u.id
    )
{%- endmacro %}

{#- Party -> party_code. -#}
{% macro tryton74_party() -%}
    (
        select
            p._source, p.id, p.create_date, p._batch, p._extracted_at,
            {{ tryton74_changed_at('p') }} as changed_at,
            {{ natural_code('p', 'p.code', 'party') }} as party_code
        from {{ landed('tryton74', 'party_party') }} as p
    )
{%- endmacro %}

{#- Production: order_no, where it is made (else its site), item, status and dates as instants. -#}
{% macro tryton74_production() -%}
    (
        select
            o._source, o.id, o.product, o.quantity, o._batch, o._extracted_at,
            {{ tryton74_changed_at('o') }} as changed_at,
            {{ natural_code('o', 'o.number', 'production') }} as order_no,
            case when o.work_center is null then c.site_code else {{ source_code('o', 'wc', 'o.work_center') }} end as equipment_code,
            c.site_code, i.item_code, u.uom_code,
            case o.state
                when 'request' then 'draft'
                when 'draft' then 'draft'
                when 'waiting' then 'released'
                when 'assigned' then 'released'
                when 'running' then 'started'
                when 'done' then 'finished'
                when 'cancelled' then 'cancelled'
            end as status,
            coalesce(o.origin_planned_date, o.planned_date) as due_date,
            {{ tryton74_noon('o.planned_start_date', 'c.zone') }} as planned_start_at,
            {{ tryton74_noon('coalesce(o.origin_planned_date, o.planned_date)', 'c.zone') }} as due_at,
            case when o.state in ('running', 'done') then
                {{ tryton74_instant('o.effective_start_date', 'o.write_date', 'c.zone') }}
            end as started_at,
            case when o.state = 'done' then
                {{ tryton74_instant('o.effective_date', 'o.write_date', 'c.zone') }}
            end as finished_at
        from {{ landed('tryton74', 'production') }} as o
        inner join {{ tryton74_company() }} as c
            on o._source = c._source and o.company = c.id
        inner join {{ tryton74_item() }} as i
            on o._source = i._source and o.product = i.id
        inner join {{ tryton74_uom() }} as u
            on o._source = u._source and o.unit = u.id
    )
{%- endmacro %}

{#-
  Moves that are done, with the types of the locations between which they went. qty is in the item's
  base unit as Tryton itself counts stock.
-#}
{% macro tryton74_move() -%}
    (
        select
            m._source, m.id, m.company, m.product, m.unit, m.quantity, m.cost_price,
            m.production_input, m.production_output, m._batch, m._extracted_at,
            {{ tryton74_changed_at('m') }} as changed_at,
            m.effective_date as date,
            {{ tryton74_instant('m.effective_date', tryton74_changed_at('m'), 'c.zone') }} as moved_at,
            cast(m.internal_quantity as decimal(18,6)) as qty,
            m.origin,
            {{ tryton74_reference('m.origin', 'sale.line') }} as sale_line,
            {{ tryton74_reference('m.origin', 'purchase.line') }} as purchase_line,
            {{ tryton74_reference('m.shipment', 'stock.shipment.out') }} as shipment_out,
            {{ tryton74_reference('m.shipment', 'stock.shipment.out.return') }} as shipment_out_return,
            i.item_code, i.base_uom, i.type as item_type,
            c.site_code, c.currency,
            f.type as from_type, f.name as from_location,
            t.type as to_type, t.name as to_location
        from {{ landed('tryton74', 'stock_move') }} as m
        inner join {{ tryton74_company() }} as c
            on m._source = c._source and m.company = c.id
        inner join {{ landed('tryton74', 'stock_location') }} as f
            on m._source = f._source and m.from_location = f.id
        inner join {{ landed('tryton74', 'stock_location') }} as t
            on m._source = t._source and m.to_location = t.id
        inner join {{ tryton74_item() }} as i
            on m._source = i._source and m.product = i.id
        where m.state = 'done' and m.effective_date is not null and m.internal_quantity > 0
    )
{%- endmacro %}

{#- State of a sale or purchase -> status of the contract. -#}
{% macro tryton74_order_status(state) -%}
    case {{ state }}
        when 'draft' then 'draft'
        when 'quotation' then 'draft'
        when 'confirmed' then 'confirmed'
        when 'processing' then 'confirmed'
        when 'done' then 'closed'
        when 'cancelled' then 'cancelled'
    end
{%- endmacro %}

{#- Sale -> order_no, its site, and the sale that it takes goods back of, directly or for a complaint. -#}
{% macro tryton74_sale() -%}
    (
        select
            s._source, s.id, s.company, s.party, s.currency, s.state, s.sale_date, s.shipping_date,
            s.untaxed_amount_cache, s.create_date, s._batch, s._extracted_at,
            {{ tryton74_changed_at('s') }} as changed_at,
            {{ natural_code('s', 's.number', 'sale') }} as order_no,
            c.site_code, c.zone,
            coalesce(
                {{ tryton74_reference('s.origin', 'sale.sale') }},
                {{ tryton74_reference('k.origin', 'sale.sale') }},
                l.sale
            ) as returned_sale
        from {{ landed('tryton74', 'sale_sale') }} as s
        inner join {{ tryton74_company() }} as c
            on s._source = c._source and s.company = c.id
        left join {{ landed('tryton74', 'sale_complaint') }} as k
            on s._source = k._source and {{ tryton74_reference('s.origin', 'sale.complaint') }} = k.id
        left join {{ landed('tryton74', 'sale_line') }} as l
            on k._source = l._source and {{ tryton74_reference('k.origin', 'sale.line') }} = l.id
    )
{%- endmacro %}

{#- Purchase -> po_no, and its site. -#}
{% macro tryton74_purchase() -%}
    (
        select
            p._source, p.id, p.party, p.currency, p.state, p.purchase_date, p.delivery_date, p.create_date,
            {{ tryton74_changed_at('p') }} as changed_at,
            {{ natural_code('p', 'p.number', 'purchase') }} as po_no,
            c.site_code, c.zone
        from {{ landed('tryton74', 'purchase_purchase') }} as p
        inner join {{ tryton74_company() }} as c
            on p._source = c._source and p.company = c.id
    )
{%- endmacro %}

{#-
  Cost of one base unit of a variant, from a day until the next row of it. The module Product Cost
  History keeps every version, without it there is the present one only; the oldest known holds for
  all time before. An item has one cost here; where companies differ, the first company's holds.
-#}
{% macro tryton74_cost() -%}
    (
        select
            v._source, v.id, v.product, v.unit_cost, c.currency, v.changed_at, v._batch, v._extracted_at,
            case
                when row_number() over (partition by v._source, v.product order by v.valid_from) = 1
                    then date '1970-01-01'
                else v.valid_from
            end as valid_from,
            lead(v.valid_from) over (partition by v._source, v.product order by v.valid_from) as valid_to
        from (
            select
                h.*,
                row_number() over (
                    partition by h._source, h.product, h.valid_from
                    order by h.company, h.version desc
                ) as choice
            from (
                select
                    p._source, p.id, p.product, p.company, p._batch, p._extracted_at,
                    coalesce(h.cost_price, p.cost_price) as unit_cost,
                    coalesce(h.__id, 0) as version,
                    coalesce({{ tryton74_changed_at('h') }}, {{ tryton74_changed_at('p') }}) as changed_at,
                    {{ local_date('coalesce(' ~ tryton74_changed_at('h') ~ ', ' ~ tryton74_changed_at('p') ~ ')', source_zone('p._source')) }} as valid_from,
                    min(p.company) over (partition by p._source, p.product) as first_company
                from {{ landed('tryton74', 'product_cost_price') }} as p
                left join {{ landed('tryton74', 'product_cost_price_history') }} as h
                    on p._source = h._source and p.id = h.id and h.cost_price is not null
                where p.cost_price is not null
            ) as h
            where h.company is not distinct from h.first_company
        ) as v
        left join {{ tryton74_company() }} as c
            on v._source = c._source and v.company = c.id
        where v.choice = 1
    )
{%- endmacro %}

{#-
  Account: its class, and whether it belongs to the income statement. Flags tell receivables, payables
  and revenue; the rest is told by the XML id of the type's template, which is English in every
  language. Types of other charts than Tryton's own have no such id: their income statement is
  revenue and operating expense, their balance sheet assets and liabilities.
-#}
{% macro tryton74_account() -%}
    (
        select
            a._source, a.id, a.code, a.name, t.statement,
            {{ tryton74_account_class('t', 'd.fs_id') }} as account_class
        from {{ landed('tryton74', 'account_account') }} as a
        inner join {{ landed('tryton74', 'account_account_type') }} as t
            on a._source = t._source and a.type = t.id
        left join {{ tryton74_type_template() }} as d
            on t._source = d._source and t.template = d.id
    )
{%- endmacro %}

{#- XML id of each template of an account type in Tryton's own chart, without prefix. -#}
{% macro tryton74_type_template() -%}
    (
        select _source, db_id as id, replace(fs_id, 'account_type_template_', '') as fs_id
        from {{ landed('tryton74', 'ir_model_data') }} as d
        where module = 'account' and model = 'account.account.type.template'
    )
{%- endmacro %}

{#- Class of an account type (alias) with the XML id of its template. -#}
{% macro tryton74_account_class(type, template) -%}
    case
        when {{ type }}.receivable then 'receivable'
        when {{ type }}.payable then 'payable'
        when {{ type }}.revenue then 'revenue'
        when {{ template }} like 'cos%' then 'cogs'
        when {{ template }} like 'depreciation%' then 'depreciation'
        when {{ template }} like 'finance_costs%' then 'interest'
        when {{ template }} like 'income_tax_expense%' then 'tax'
        when {{ template }} like 'other_revenues%' then 'other_income'
        when {{ type }}.statement = 'income' then 'operating_expense'
        when {{ template }} like 'cash%' or {{ template }} like 'petty_cash%' then 'cash'
        when {{ template }} like 'inventories%' then 'inventory'
        when {{ template }} like 'equity%' or {{ template }} like 'capital%' then 'equity'
        when {{ type }}.assets then 'other_asset'
        else 'other_liability'
    end
{%- endmacro %}
