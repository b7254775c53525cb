-- grain: one row, always
-- not additive
-- The day of clock alone: what depends on no more than the day is not computed anew whenever the
-- clock moves on.
{{- config(meta={'slice_day': 'as_of_date', 'slice_moves': true}) }}
select as_of_date from {{ ref('clock') }}
