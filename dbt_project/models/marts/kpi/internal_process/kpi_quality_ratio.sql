-- Quality ratio = good quantity / produced quantity, in pieces.
-- Grain: one row per count, and per busy state interval if no production counts as zero.
{{ contribution(ref('fct_production'), numerator='qty_good', denominator='qty_total') }}
union all
{{ contribution(ref('fct_state_time'), where=busy_without_output()) }}
