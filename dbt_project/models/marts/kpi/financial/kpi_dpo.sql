-- Days payable outstanding = sum of daily payables / sum of what the enterprise's convention says.
-- A payable is a credit, so its balance (debit - credit) is negative.
-- Grain: one row per daily balance (numerator), per ledger line or purchase order line received
-- (denominator).
{{ contribution(
    ref('fct_gl_balance_day'), numerator='-balance', where="account_class = 'payable'"
) }}
union all
{% if convention('payables_basis') == 'purchases' -%}
{{ contribution(
    ref('fct_purchase_line'),
    denominator=product('net_amount', 4, 'qty_received', 6, 'decimal(38,10)') ~ ' / qty_ordered',
    where='qty_received > 0 and qty_ordered > 0 and received_date is not null',
    date_day='received_date'
) }}
{%- else -%}
{{ contribution(
    ref('fct_gl'),
    denominator='balance',
    where="account_class = '" ~ convention('payables_basis') ~ "'"
) }}
{%- endif %}
