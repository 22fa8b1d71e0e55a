-- one row per person of the month: 1 where the contribution to another item was cut, else 0.
select person_month.person, person_month.unit_id, coalesce(charged.is_cut, false)::bigint, 0
from person_month
left join charged
    on charged.person = person_month.person
    and charged.item = '{item}' and charged.period_index = {period_index}
