-- Skill coverage = cells of the skill matrix that are covered / cells required, on the last day.
-- Grain: one row per station, skill and span in which nothing changes.
{{ member_contribution(
    ref('fct_skill_coverage'),
    numerator=flag('is_covered'),
    denominator='1',
    date_day='valid_from',
    member="concat(node_id, ' ', skill_code)",
    valid_to='valid_to'
) }}
