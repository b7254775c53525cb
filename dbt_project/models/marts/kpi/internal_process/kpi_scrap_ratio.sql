-- Scrap ratio = scrap quantity of all operations / quantity that was started.
-- What was started left the last operation or was scrapped before it. Good output of an earlier
-- operation is the input of the next, not output of its own, and would count a part once per step.
-- Grain: one row per count.
{{ contribution(
    ref('fct_production'),
    numerator='qty_scrap',
    denominator='case when is_final_op then qty_total else qty_scrap end'
) }}
