-- Scrap ratio = scrap quantity / produced quantity.
-- A count holds only the scrap of its own operation, so no part is scrapped twice.
-- Grain: one row per count.
{{ contribution(ref('fct_production'), numerator='qty_scrap', denominator='qty_total') }}
