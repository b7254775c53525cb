-- Units of one category convert into each other: Odoo stores how many make the reference unit. The
-- larger unit comes first (1 dozen = 12 units): the other way the factor would not be exact.
with mapped as (
    select
        null as item_code,
        f.uom_code as from_uom,
        t.uom_code as to_uom,
        cast(t.factor as double) / cast(f.factor as double) as factor,
        {{ lineage('f', pk="f.id || '/' || t.id", changed_at='f.write_date') }}
    from {{ odoo17_uom() }} as f
    inner join {{ odoo17_uom() }} as t
        on f._source = t._source and f.category_id = t.category_id
        and (f.factor < t.factor or (f.factor = t.factor and f.id < t.id))
)

select {{ canonical_columns('erp_uom_conversion') }} from mapped
