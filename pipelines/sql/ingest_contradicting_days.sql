-- found: one row per staged row beside another row of the same person and day; equal rows are duplicates already.
create or replace temp table found as
select load_id, line
from (
    select load_id, line, is_new, count(*) over (partition by person, {first}) as rows
    from (
        select load_id, line, true as is_new, person, {first} from staged where failure is null
        union all
        select load_id, line, false as is_new, person, {first} from {export}
    ) as everything
) as counted
where rows > 1 and is_new;
