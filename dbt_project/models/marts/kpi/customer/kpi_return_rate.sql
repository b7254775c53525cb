-- Return rate = returned quantity / shipped quantity.
-- Grain: one row per delivery line, on the day it left or came back.
{{ contribution(
    ref('fct_delivery'),
    numerator='case when is_return then qty else 0 end',
    denominator='case when is_return then 0 else qty end'
) }}
