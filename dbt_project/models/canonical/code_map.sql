-- grain: one row per entity, source, source code and period of validity; periods do not overlap
-- The integrator's mapping as each source sees it: its own rows, else those that hold for all.
with visible as (
    select
        xref.entity,
        source.name as source_system,
        xref.source_code,
        xref.conformed_code,
        coalesce(xref.valid_from, date '0001-01-01') as valid_from,
        coalesce(xref.valid_to, date '9999-12-31') as valid_to,
        rank() over (
            partition by xref.entity, source.name, xref.source_code
            order by case when xref.for_source is null then 2 else 1 end
        ) as precedence
    from {{ ref('xref_code') }} as xref
    inner join ({{ configured_sources() }}) as source
        on xref.for_source is null or xref.for_source = source.name
    where not xref.is_deleted
)

select
    entity,
    source_system,
    source_code,
    conformed_code,
    valid_from,
    least(
        valid_to,
        coalesce(
            lead(valid_from) over (partition by entity, source_system, source_code order by valid_from),
            date '9999-12-31'
        )
    ) as valid_to
from visible
where precedence = 1
