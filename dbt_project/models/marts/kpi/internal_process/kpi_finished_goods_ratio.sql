-- Finished goods ratio = good quantity (GQ) of final operations / consumed material (CM).
-- Grain: one row per count (numerator) and per posting of consumption (denominator).
{{ contribution(ref('fct_production'), numerator='qty_good', where='is_final_op') }}
union all
{{ contribution(ref('fct_material'), denominator='cm_qty', where="kind = 'consumed'") }}
