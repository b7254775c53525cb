with mapped as (
    select
        i.item_code,
        s.valid_from,
        s.valid_to,
        s.unit_cost,
        s.currency,
        {{ lineage('s', pk="s.id || '/' || s.valid_from", changed_at='s.changed_at') }}
    from {{ tryton74_cost() }} as s
    inner join {{ tryton74_item() }} as i
        on s._source = i._source and s.product = i.id
)

select {{ canonical_columns('erp_standard_cost') }} from mapped
