-- Storage and transportation loss ratio = storage and transportation loss (STL) / consumed material (CM).
-- Grain: one row per posting.
{{ contribution(
    ref('fct_material'),
    numerator='stl_qty',
    denominator='cm_qty',
    where="kind in ('consumed', 'storage_transport_loss')"
) }}
