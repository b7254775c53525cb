-- grain: one row per customer; deleted ones stay, because older facts belong to them
-- not additive
select party_code as customer_code, name as customer_name, country, since
from {{ ref('erp_party') }}
where is_customer
