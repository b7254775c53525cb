-- Comprehensive energy consumption = energy (E) / produced quantity (PQ) of final operations.
-- Grain: one row per meter interval (numerator) and per count (denominator).
{{ contribution(ref('fct_energy'), numerator='kwh') }}
union all
{{ contribution(ref('fct_production'), denominator='qty_total', where='is_final_op') }}
