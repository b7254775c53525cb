-- Net sales = sum of invoice lines less credit notes.
-- Grain: one row per invoice line.
{{ contribution(ref('fct_revenue'), numerator='net_amount') }}
