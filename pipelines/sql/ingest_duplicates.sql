-- marks staged rows that repeat a stored or an earlier staged row of the same person in every column.
update staged set failure = {failure}
from (
    select
        load_id, line, is_new,
        row_number() over (partition by {columns} order by is_new, position, line) as copy
    from (
        select load_id, position, line, true as is_new, {columns} from staged where failure is null
        union all
        select load_id, 0 as position, line, false as is_new, {columns} from {export}
    ) as everything
) as numbered
where
    numbered.copy > 1 and numbered.is_new
    and staged.load_id = numbered.load_id and staged.line = numbered.line;
