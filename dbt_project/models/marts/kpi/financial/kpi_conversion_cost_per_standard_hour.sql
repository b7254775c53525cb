-- Conversion cost per standard hour = (direct labour + manufacturing overhead) / standard hours earned.
-- Grain: one row per ledger line and per count.
{{ contribution(
    ref('fct_gl'),
    numerator='balance',
    where="account_class in ('direct_labour', 'manufacturing_overhead')"
) }}
union all
{{ contribution(
    ref('fct_production'), denominator='ideal_time_good_s / 3600', where='ideal_time_good_s is not null'
) }}
