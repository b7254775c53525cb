-- Fall-off ratio = scrap quantity (SQ) of all operations / produced quantity (PQ) of the first one.
-- Grain: one row per count; one of a later operation of its order adds nothing to the denominator.
{%- set is_later %}
exists (
    select 1
    from (
        select source_system, order_no, min(coalesce(op_seq, 0)) as first_op_seq
        from {{ ref('fct_production') }}
        where order_no is not null
        group by source_system, order_no
        having min(coalesce(op_seq, 0)) < max(coalesce(op_seq, 0))
    ) as several
    where several.source_system = contributing.source_system
        and several.order_no = contributing.order_no
        and several.first_op_seq < coalesce(contributing.op_seq, 0)
)
{%- endset %}
{{ contribution(
    ref('fct_production'),
    numerator='qty_scrap',
    denominator='case when ' ~ is_later ~ ' then 0 else qty_total end',
) }}
