-- What busy time lost to stops, set-up and waiting: availability = 1 - sum(numerator) / sum(denominator).
-- Grain: one row per state interval; cause is its reason, else its state.
{{ contribution(
    ref('fct_state_time'),
    numerator=oee_busy_time() ~ ' - (' ~ operating_time() ~ ')',
    denominator=oee_busy_time(),
    more={'cause': 'coalesce(reason_code, state)'},
) }}
