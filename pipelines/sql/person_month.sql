-- person_month: one row per person with anything recorded in the month that begins on $first.
-- Looks at one person's rows alone. Hours are in quarter-hours; counts of people are 0 or 1.
create or replace temp table person_month as
with month as (
    select $first::date as first_day, last_day($first::date) as last_day
),
assignment as (
    select * from assignment_in($first::date, last_day($first::date))
),
place as (
    select person, unit_id from place_in($first::date, last_day($first::date))
),
contract as (
    select
        person,
        max((from_day <= to_day and to_day = month.last_day)::integer) as employed,
        -- Whole ten-thousandths until the one rounding at the end: a sum of floats would depend on the
        -- order of rows, and so on other people's.
        ((2 * sum(
            case when from_day <= to_day then (weekly_hours * 10000)::bigint * weekdays(from_day, to_day) else 0 end
        ) * 4 + 50000) // 100000)::bigint as scheduled_quarter_hours
    from assignment, month
    group by person
),
leaving as (
    select person, 1 as has_left, max((reason = 'voluntary')::integer) as has_left_voluntarily
    from separations, month
    where date between month.first_day and month.last_day
    group by person
),
absence as (
    select
        person,
        sum(part_in(start_date, end_date, round(hours * 4)::bigint, month.first_day, month.last_day)) as absent
    from absences, month
    where start_date <= month.last_day and end_date >= month.first_day
    group by person
),
census as (
    select person, open_cases, trauma_cases
    from caseload, month
    where date between month.first_day and month.last_day
    qualify row_number() over (partition by person order by date desc, load_id desc, line desc) = 1
),
exposure_spell as (
    select
        exposure.person,
        round((direct_hours + indirect_hours) * 4)::bigint as quarter_hours,
        case load.grain
            when 'day' then date
            when 'week' then case when load.week_date = 'end' then date - 6 else date end
            else date_trunc('month', date)::date
        end as from_day,
        case load.grain
            when 'day' then date
            when 'week' then case when load.week_date = 'end' then date else date + 6 end
            else last_day(date)
        end as to_day
    from exposure join load using (load_id)
),
dose as (
    select
        person,
        sum(part_in(from_day, to_day, quarter_hours, month.first_day, month.last_day)) as exposed
    from exposure_spell, month
    where from_day <= month.last_day and to_day >= month.first_day
    group by person
)
select
    person,
    place.unit_id as unit_id,
    employed::bigint as employed,
    coalesce(has_left, 0)::bigint as has_left,
    coalesce(has_left_voluntarily, 0)::bigint as has_left_voluntarily,
    scheduled_quarter_hours,
    coalesce(absent, 0)::bigint as absent_quarter_hours,
    (coalesce(absent, 0) > 0)::bigint as has_absence,
    (coalesce(open_cases, 0) > 0)::bigint as holds_cases,
    coalesce(open_cases, 0)::bigint as open_cases,
    coalesce(trauma_cases, 0)::bigint as trauma_cases,
    coalesce(exposed, 0)::bigint as exposure_quarter_hours
from place
join contract using (person)
left join leaving using (person)
left join absence using (person)
left join census using (person)
left join dose using (person)
where
    employed = 1 or scheduled_quarter_hours > 0 or has_left is not null
    or absent > 0 or open_cases is not null or exposed > 0;
