-- Supplier on-time delivery = purchase order lines received on time / lines due.
-- Grain: one row per purchase order line due, on its promised day.
{{ contribution(
    ref('fct_purchase_line'), numerator=flag('is_on_time'), denominator='1', where='is_due'
) }}
