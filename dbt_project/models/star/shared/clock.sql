-- grain: one row, always
-- not additive
-- Until when the scorecard counts. Nothing that happened later is in any fact, so a run over the
-- same landing gives the same figures whenever it is made.
{{- config(meta={'slice_day': 'as_of_date', 'slice_moves': true}) }}
{%- set mode = var('enterprise').as_of %}
with newest as (
    {%- if mode == 'data' %}
    select cast(max(ts) as timestamp) as as_of
    from (
        select max(coalesce(end_ts, start_ts)) as ts from {{ live('mes_equipment_state') }}
        union all
        select max(counted_at) as ts from {{ live('mes_production_count') }}
    )
    {%- elif mode == 'extraction' %}
    select cast(null as timestamp) as as_of
    {%- else %}
    select cast('{{ mode }}' as timestamp) as as_of
    {%- endif %}
),

extraction as (
    select cast(max(extracted_at) as timestamp) as as_of
    from (
        {%- for table in contract() %}
        select max(extracted_at) as extracted_at from {{ ref(table) }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
),

-- Before any source has a row: the time of the newest batch, so that there is a period to say
-- "no data" of.
counted as (
    select coalesce(newest.as_of, extraction.as_of, {{ newest_batch_time() }}) as as_of
    from newest
    cross join extraction
)

select
    as_of,
    {{ local_date('as_of', zone_or_enterprise('null')) }} as as_of_date
from counted
