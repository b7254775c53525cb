-- Conversion cost per good unit = (direct labour + manufacturing overhead) / good quantity.
-- Only final operations count as output. Grain: one row per ledger line and per count.
{{ contribution(
    ref('fct_gl'),
    numerator='balance',
    where="account_class in ('direct_labour', 'manufacturing_overhead')"
) }}
union all
{{ contribution(ref('fct_production'), denominator='qty_good', where='is_final_op') }}
