-- Integrated goods ratio = integrated goods quantity (IGQ) / consumed material (CM).
-- Grain: one row per posting.
{{ contribution(
    ref('fct_material'),
    numerator='igq_qty',
    denominator='cm_qty',
    where="kind in ('consumed', 'integrated_goods')"
) }}
