-- Strategic objectives.
-- Grain: one row per objective.
select
    objective.id as objective_id,
    objective.name as objective_name,
    objective.perspective as perspective_id,
    perspective.name as perspective_name,
    objective.description,
    objective.owner,
    objective.weight,
    objective.position as sort_order
from {{ source('definitions', 'objective') }} as objective
inner join {{ source('definitions', 'perspective') }} as perspective
    on perspective.id = objective.perspective
