-- one row per person of the period: 1 where the contribution to another item was cut, else 0.
select people.person, people.unit_id, coalesce(charged.is_cut, false)::bigint, 0
from {people} as people
left join (
    select person, bool_or(is_cut) as is_cut from charged
    where item = '{item}' and period_index = {period_index}
    group by person
) as charged
    on charged.person = people.person
