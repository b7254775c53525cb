-- Rolled throughput yield = product over operations of parts good at the first inspection / inspected.
-- Grain: one row per inspection of an operation; the member is the operation.
{{ member_contribution(
    ref('fct_inspection'),
    numerator='qty_first_pass',
    denominator='qty_inspected',
    member='op_seq',
    where='op_seq is not null'
) }}
