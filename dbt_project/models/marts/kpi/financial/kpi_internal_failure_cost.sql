-- Internal failure cost = cost of the categories named / net sales.
-- Grain: one row per posting and per count with scrap (numerator),
-- per ledger line (denominator).
{{ contribution(ref('fct_quality_cost'), numerator='amount', where="category = 'internal_failure'") }}
{%- if convention('scrap_cost') == 'counted' %}
union all
{{ contribution(ref('fct_production'), numerator='scrap_value', where='scrap_value <> 0') }}
{%- endif %}
union all
{{ contribution(ref('fct_gl'), denominator='-balance', where="account_class = 'revenue'") }}
