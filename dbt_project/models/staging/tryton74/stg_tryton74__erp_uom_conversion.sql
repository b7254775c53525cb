-- Units of one category convert into each other. The larger unit comes first (1 kg = 1,000 g): the
-- other way the factor would not be exact.
with mapped as (
    select
        null as item_code,
        f.uom_code as from_uom,
        t.uom_code as to_uom,
        f.size / t.size as factor,
        {{ lineage('f', pk="f.id || '/' || t.id", changed_at='f.changed_at') }}
    from {{ tryton74_uom() }} as f
    inner join {{ tryton74_uom() }} as t
        on f._source = t._source and f.category = t.category
        and (f.size > t.size or (f.size = t.size and f.id < t.id))
)

select {{ canonical_columns('erp_uom_conversion') }} from mapped
