-- staged: one row per data line of an export's files; failure is null for a row that counts, doubts are the
-- rules that it broke all the same.
create or replace temp table staged as
with typed_line as (
    select
        *,
        []::integer[] as doubts,
        {typed}
    from stage_text
)
select
    load_id, position, line, place, {columns}, doubts,
    (case
        {failures}
    end)::integer as failure
from {lines};
