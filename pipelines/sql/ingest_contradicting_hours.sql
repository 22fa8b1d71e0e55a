-- found: one row per staged contract in force on a day on which the contracts of its person are of more than
-- {most} hours a week together.
create or replace temp table found as
with contract as (
    select person, start_date, coalesce(end_date, date '9999-12-30') as end_date, weekly_hours
    from staged where failure is null
    union all
    select person, start_date, coalesce(end_date, date '9999-12-30'), weekly_hours from staff
),
change as (
    select person, start_date as day, weekly_hours as hours from contract
    union all
    select person, end_date + 1, -weekly_hours from contract
),
daily as (
    select person, day, sum(hours) as hours from change group by person, day
),
crowded as (
    select person, day
    from (
        select person, day, sum(hours) over (partition by person order by day) as hours from daily
    ) as running
    where hours > {most}
)
select staged.load_id, staged.line
from staged asof join crowded on staged.person = crowded.person and staged.start_date <= crowded.day
where staged.failure is null and crowded.day <= coalesce(staged.end_date, date '9999-12-30');
