-- Quality ratio = good quantity / produced quantity, in pieces.
-- Grain: one row per count.
{{ contribution(ref('fct_production'), numerator='qty_good', denominator='qty_total') }}
