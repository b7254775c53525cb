-- Average cycle time = actual production time (APT) / produced quantity (PQ).
-- Grain: one row per state interval (numerator) and per count (denominator).
{{ contribution(ref('fct_state_time'), numerator='apt_s') }}
union all
{{ contribution(ref('fct_production'), denominator='qty_total') }}
