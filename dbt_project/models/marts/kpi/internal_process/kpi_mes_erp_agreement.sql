-- MES-ERP quantity agreement = 1 - sum of |MES good - ERP received| / sum of ERP received.
-- Grain: one row per order that is past its grace time.
{{ contribution(
    ref('order_reconciliation'),
    numerator='qty_erp_received - abs(difference)',
    denominator='qty_erp_received',
    where='not is_in_grace'
) }}
