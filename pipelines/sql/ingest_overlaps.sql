-- found: one row per staged spell that overlaps an earlier-starting staged spell, or a stored one, of the same
-- person; taken_until is the last day that those take. Set in order of their starts, spells of which none overlaps
-- the one before it do not overlap at all, so the others' running maximum is for few.
create or replace temp table found as
with spell as (
    select
        load_id, line, position, {columns}, {first} as first_day, coalesce({last}, date '9999-12-31') as last_day
    from staged
    where failure is null
),
beside as (
    select
        *, lag(last_day) over (partition by {apart} order by first_day, last_day, position, line) as day_before
    from spell
),
touching as (
    select distinct {apart} from beside where first_day <= day_before
),
taken as (
    select
        load_id, line, first_day, last_day,
        max(last_day) over (
            partition by {apart} order by first_day, last_day, position, line
            rows between unbounded preceding and 1 preceding
        ) as taken_until
    from spell where ({apart}) in (from touching)
    union all
    select spell.load_id, spell.line, spell.first_day, spell.last_day, coalesce(stored.{last}, date '9999-12-31')
    from {export} as stored join spell
        on {same} and stored.{first} <= spell.last_day
            and spell.first_day <= coalesce(stored.{last}, date '9999-12-31')
)
select load_id, line, max(taken_until) as taken_until, any_value(last_day) as last_day
from taken
where first_day <= taken_until
group by load_id, line;
