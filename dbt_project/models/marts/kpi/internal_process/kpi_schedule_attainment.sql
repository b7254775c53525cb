-- Schedule attainment = sum of min(good, planned) / sum of planned, over production orders due.
-- Grain: one row per production order due, on its due day.
{{ contribution(
    ref('fct_production_order'),
    numerator='least(qty_good, qty_planned)',
    denominator='qty_planned',
    where='is_due'
) }}
