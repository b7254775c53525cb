-- Odoo keeps only the present cost, so it holds for all time.
with mapped as (
    select
        i.item_code,
        date '1970-01-01' as valid_from,
        null as valid_to,
        s.unit_cost,
        s.currency,
        {{ lineage('s', pk='s.id', changed_at='s.write_date') }}
    from {{ odoo17_standard_cost() }} as s
    inner join {{ odoo17_item() }} as i
        on s._source = i._source and s.product_id = i.id
)

select {{ canonical_columns('erp_standard_cost') }} from mapped
