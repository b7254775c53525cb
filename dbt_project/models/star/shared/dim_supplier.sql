-- grain: one row per supplier; deleted ones stay, because older facts belong to them
-- not additive
select party_code as supplier_code, name as supplier_name, country, since
from {{ ref('erp_party') }}
where is_supplier
