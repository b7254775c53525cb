-- Machine data coverage = scheduled time with a known state / scheduled time.
-- Grain: one row per scheduled state interval.
{{ contribution(
    ref('fct_state_time'),
    numerator='duration_s - no_data_s',
    denominator='duration_s',
    where='is_scheduled'
) }}
