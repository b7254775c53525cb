-- grain: one row per currency and period of validity; periods do not overlap
select
    currency,
    valid_from,
    coalesce(
        lead(valid_from) over (partition by currency order by valid_from), date '9999-12-31'
    ) as valid_to,
    rate
from {{ ref('erp_exchange_rate') }}
where not is_deleted and rate > 0
