-- found: one row per staged spell that overlaps an earlier-starting staged spell, or a stored one, of the same
-- person; taken_until is the last day that those take.
create or replace temp table found as
select load_id, line, taken_until, last_day
from (
    select
        load_id, line, {first} as first_day, coalesce({last}, date '9999-12-31') as last_day,
        greatest(
            max(coalesce({last}, date '9999-12-31')) over (
                partition by {apart} order by {first}, coalesce({last}, date '9999-12-31'), position, line
                rows between unbounded preceding and 1 preceding
            ),
            (
                select max(coalesce(stored.{last}, date '9999-12-31')) from {export} as stored
                where {same}
                    and stored.{first} <= coalesce(staged.{last}, date '9999-12-31')
                    and staged.{first} <= coalesce(stored.{last}, date '9999-12-31')
            )
        ) as taken_until
    from staged
    where failure is null
) as spell
where first_day <= taken_until;
