-- marks staged spells that overlap an earlier-starting staged spell, or a stored one, of the same person.
update staged set failure = {failure}
from (
    select
        load_id, line,
        coalesce({first} <= max(coalesce({last}, date '9999-12-31')) over (
            partition by {apart} order by {first}, coalesce({last}, date '9999-12-31'), position, line
            rows between unbounded preceding and 1 preceding
        ), false) as is_late,
        exists (
            select 1 from {export} as stored
            where {same}
                and stored.{first} <= coalesce(staged.{last}, date '9999-12-31')
                and staged.{first} <= coalesce(stored.{last}, date '9999-12-31')
        ) as is_stored
    from staged
    where failure is null
) as spell
where (spell.is_late or spell.is_stored) and staged.load_id = spell.load_id and staged.line = spell.line;
