-- What busy time lost to stops, to speed and to scrap: OEE = 1 - sum(numerator) / sum(denominator).
-- Time in which a machine ran is lost to speed as far as its output, good or not, did not need it.
-- Grain: one row per state interval (twice: stopped, and run) and per count (twice: made, and bad);
-- cause is the reason, else the state or what was lost.
{{ contribution(
    ref('fct_state_time'),
    numerator=oee_busy_time() ~ ' - (' ~ operating_time() ~ ')',
    denominator=oee_busy_time(),
    where=rated(),
    more={'cause': 'coalesce(reason_code, state)'},
) }}
union all
{{ contribution(
    ref('fct_state_time'), numerator=operating_time(), where=rated(), more={'cause': "'speed'"}
) }}
union all
{{ contribution(
    ref('fct_production'), numerator='-ideal_time_total_s', where=rated(), more={'cause': "'speed'"}
) }}
union all
{{ contribution(
    ref('fct_production'),
    numerator='ideal_time_total_s - ideal_time_good_s',
    where=rated(),
    more={'cause': "coalesce(reason_code, 'quality')"},
) }}
