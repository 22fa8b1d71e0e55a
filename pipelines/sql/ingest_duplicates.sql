-- found: one row per staged row that repeats a stored or an earlier staged row of the same person in every column.
-- Rows are set in order only where a hash of theirs comes twice: most of a file repeats nothing.
create or replace temp table found as
with everything as (
    select load_id, position, line, true as is_new, {columns} from staged where failure is null
    union all
    select load_id, 0 as position, line, false as is_new, {columns} from {export}
),
repeated as (
    select hash({columns}) from everything group by all having count(*) > 1
)
select load_id, line
from (
    select
        load_id, line, is_new,
        row_number() over (partition by {columns} order by is_new, position, line) as copy
    from everything
    where hash({columns}) in (from repeated)
) as numbered
where copy > 1 and is_new;
