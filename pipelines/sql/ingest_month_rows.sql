-- one row per covered month: how many stored rows of the export lie in it, wholly or in part.
with month as (
    select unnest(generate_series($from::date, $to::date, interval 1 month))::date as first_day
)
select count(stored.load_id)::integer as rows
from month
left join {export} as stored
    on stored.{first} <= last_day(month.first_day)
    and coalesce(stored.{last}, date '9999-12-31') >= month.first_day
where not list_contains($without::date[], month.first_day)
group by month.first_day
order by month.first_day;
