-- assignment_in(a, b): one row per assignment that began by day b, with its part of the days from a to b.
create or replace temp macro assignment_in(a, b) as table
select
    person, unit_id, start_date, end_date, weekly_hours,
    greatest(start_date, a) as from_day,
    least(coalesce(end_date, b), b) as to_day
from staff
where start_date <= b;
-- place_in(a, b): one row per person; the unit of the longest assignment in those days, or else of the latest before.
create or replace temp macro place_in(a, b) as table
select person, unit_id
from assignment_in(a, b)
qualify row_number() over (
    partition by person
    order by
        greatest(to_day - from_day, -1) desc, coalesce(end_date, date '9999-12-31') desc,
        start_date desc, weekly_hours desc, unit_id
) = 1;
