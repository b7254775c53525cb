-- grain: one row per item and period of validity; periods do not overlap
-- not additive
with cost as (
    select
        *,
        row_number() over (
            partition by item_code, valid_from order by {{ source_position('source_system') }}
        ) as place
    from {{ live('erp_standard_cost') }}
)

select
    item_code,
    valid_from,
    least(
        coalesce(valid_to, date '9999-12-31'),
        coalesce(lead(valid_from) over (partition by item_code order by valid_from), date '9999-12-31')
    ) as valid_to,
    unit_cost
from cost
where place = 1
