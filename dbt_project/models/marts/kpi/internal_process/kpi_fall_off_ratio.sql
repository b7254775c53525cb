-- Fall-off ratio = scrap quantity (SQ) of all operations / produced quantity (PQ) of the first one.
-- Grain: one row per count (numerator) and per count of an order's first operation (denominator).
{{ contribution(ref('fct_production'), numerator='qty_scrap') }}
union all
{{ contribution(
    ref('fct_production'),
    denominator='qty_total',
    where="concat_ws('|', source_system, coalesce(order_no, source_pk), coalesce(op_seq, 0)) in (
        select concat_ws('|', source_system, coalesce(order_no, source_pk), min(coalesce(op_seq, 0)))
        from " ~ ref('fct_production') ~ "
        group by source_system, coalesce(order_no, source_pk)
    )"
) }}
