-- First pass yield = parts good without rework / parts inspected.
-- Grain: one row per inspection.
{{ contribution(
    ref('fct_inspection'), numerator='qty_first_pass', denominator='qty_inspected'
) }}
