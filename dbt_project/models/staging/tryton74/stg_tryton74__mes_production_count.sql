-- Output of productions: what went to stock is good, what went to a lost and found location is
-- scrap. Tryton books output of the whole production, so it counts at the production's work centre,
-- not at one of its works. By-products are goods movements, not output.
with mapped as (
    select
        'move-' || m.id as count_id,
        o.order_no,
        null as op_seq,
        true as is_final_op,
        o.equipment_code,
        m.item_code,
        m.base_uom as uom,
        m.moved_at as counted_at,
        m.qty as qty_total,
        case when m.to_type = 'lost_found' then 0 else m.qty end as qty_good,
        case when m.to_type = 'lost_found' then m.qty else 0 end as qty_scrap,
        null as qty_rework,
        null as pri_s,
        null as reason_code,
        null as reversal_of,
        {{ lineage('m', pk='m.id', changed_at='m.changed_at') }}
    from {{ tryton74_move() }} as m
    inner join {{ tryton74_production() }} as o
        on m._source = o._source and m.production_output = o.id and m.product = o.product
)

select {{ canonical_columns('mes_production_count') }} from mapped
