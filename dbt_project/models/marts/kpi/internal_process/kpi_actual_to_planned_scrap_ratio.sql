-- Actual to planned scrap ratio = scrap quantity (SQ) / planned scrap quantity (PSQ).
-- Grain: one row per finished production order with a plan for scrap.
{{ contribution(
    ref('fct_order_execution'),
    numerator='qty_scrap',
    denominator='qty_scrap_planned',
    where='qty_scrap_planned is not null'
) }}
