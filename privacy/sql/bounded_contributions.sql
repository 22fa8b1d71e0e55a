-- charged: one row per person; the deviation from the centre, cut so that over every $periods
-- consecutive periods a person's charged squares sum to at most $cap_squared.
-- Looks at one person's rows and at public tables alone. Whole numbers throughout: the floating
-- square root is put right by one step either way, which is exact for caps up to 2^40.
insert into charged
with counted as (
    select
        person, centre, base,
        case
            when standard is null then greatest(0, least($highest, value))
            when value > standard then 1
            else 0
        end as value
    from person_value join unit_constant using (unit_id)
),
wanted as (
    select person, greatest(-$half_width, least($half_width, value - centre * base)) as x from counted
),
history as (
    select person, period_index, x * x as square
    from charged
    where item = $item and period_index between $period_index - $periods + 1 and $period_index + $periods - 1
    union all
    select wanted.person, charge.period_index, charge.assumed_square
    from wanted cross join charge
    where
        charge.item = $item and charge.assumed_square > 0
        and charge.period_index between $period_index - $periods + 1 and $period_index + $periods - 1
),
-- Of the windows that hold this period, one that ends with it or with a later charged period has the most.
window_end as (
    select $period_index as last_index
    union
    select period_index from charge
    where item = $item and period_index between $period_index + 1 and $period_index + $periods - 1
),
spent_in_window as (
    select person, last_index, sum(square) as spent
    from history
    join window_end on period_index between last_index - $periods + 1 and last_index
    group by person, last_index
),
room as (
    select
        person, wanted.x as x,
        greatest(0, $cap_squared - coalesce(max(spent), 0))::bigint as square_left
    from wanted left join spent_in_window using (person)
    group by person, wanted.x
),
rooted as (
    select person, x, square_left, floor(sqrt(square_left::double))::bigint as root from room
),
limited as (
    select
        person, x,
        root - (root * root > square_left)::integer
             + ((root + 1) * (root + 1) <= square_left)::integer as limit_x
    from rooted
)
select
    $charge_id, $item, $period_index, person,
    sign(x) * least(abs(x), limit_x) as x,
    abs(x) > limit_x as is_cut
from limited
where x <> 0;
