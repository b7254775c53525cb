-- Other loss ratio = other loss (OL) / consumed material (CM).
-- Grain: one row per posting.
{{ contribution(
    ref('fct_material'),
    numerator='ol_qty',
    denominator='cm_qty',
    where="kind in ('consumed', 'other_loss')"
) }}
