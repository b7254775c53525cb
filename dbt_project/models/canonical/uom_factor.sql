-- grain: one row per item (or none), from-unit and to-unit
-- Conversions in both directions; a factor given for a direction beats the inverse of the other.
with directions as (
    select item_code, from_uom, to_uom, factor, false as is_inverse
    from {{ ref('erp_uom_conversion') }}
    where not is_deleted and factor > 0

    union all

    select item_code, to_uom as from_uom, from_uom as to_uom, factor, true as is_inverse
    from {{ ref('erp_uom_conversion') }}
    where not is_deleted and factor > 0
),

ranked as (
    select
        *,
        row_number() over (
            partition by item_code, from_uom, to_uom
            order by case when is_inverse then 2 else 1 end
        ) as precedence
    from directions
)

select item_code, from_uom, to_uom, factor, is_inverse
from ranked
where precedence = 1
