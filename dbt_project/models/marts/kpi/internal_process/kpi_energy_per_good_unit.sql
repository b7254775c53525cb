-- Energy per good unit = energy / good quantity of final operations.
-- Grain: one row per meter interval (numerator) and per count (denominator).
{{ contribution(ref('fct_energy'), numerator='kwh') }}
union all
{{ contribution(ref('fct_production'), denominator='qty_good', where='is_final_op') }}
