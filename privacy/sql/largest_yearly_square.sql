-- One number: the largest sum of a person's charged squares over any $periods consecutive periods of an item.
-- What people had charged under several ids before these were joined counts where more is charged since.
select coalesce(max(spent), 0)::bigint
from (
    select here.person, here.period_index, sum(other.x * other.x) as spent
    from (select distinct item, person, period_index from charged) as here
    join charged as other
        on other.item = here.item and other.person = here.person
        and other.period_index between here.period_index - $periods + 1 and here.period_index
    where
        here.item = $item and here.period_index between $period_index and $period_index + $periods - 1
        and (
            here.person not in (select person from charged_before_join)
            or here.person in (
                select person from charged
                anti join charged_before_join using (person, charge_id)
                where item = $item and period_index = $period_index and x <> 0
            )
        )
    group by here.person, here.period_index
) as window_sum;
