-- Equipment load ratio = produced quantity (PQ) / equipment production capacity (EPC).
-- Grain: one row per count (numerator) and per shift instance (denominator) of a machine with a
-- rated speed.
{{ contribution(
    ref('fct_production'),
    numerator='qty_total',
    where='node_id in (select node_id from ' ~ ref('fct_capacity') ~ ')'
) }}
union all
{{ contribution(ref('fct_capacity'), denominator='epc_qty') }}
