-- Production loss ratio = production loss (PL) / consumed material (CM).
-- Grain: one row per posting.
{{ contribution(
    ref('fct_material'),
    numerator='pl_qty',
    denominator='cm_qty',
    where="kind in ('consumed', 'production_loss')"
) }}
