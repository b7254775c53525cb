-- Fall-off ratio = scrap quantity (SQ) of all operations / produced quantity (PQ) of the first one.
-- Grain: one row per count; one of a later operation of its order adds nothing to the denominator.
{{ contribution(
    ref('fct_production'),
    numerator='qty_scrap',
    denominator='case when is_first_op then qty_total else 0 end',
) }}
