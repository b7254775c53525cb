-- Capable processes: the share of measured processes whose Cpk is at least 1.33.
-- A process is a characteristic of an item on a machine.
-- Grain: one row per measured value.
{{ member_contribution(
    ref('fct_measurement'),
    numerator='value',
    denominator='1',
    member='process_id',
    place='place',
    lsl='lsl',
    usl='usl'
) }}
