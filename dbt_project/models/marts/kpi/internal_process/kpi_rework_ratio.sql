-- Rework ratio = rework quantity / produced quantity.
-- Grain: one row per count.
{{ contribution(ref('fct_production'), numerator='qty_rework', denominator='qty_total') }}
