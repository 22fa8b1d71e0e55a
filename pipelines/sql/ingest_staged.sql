-- staged: one row per data line of an export's files; failure is null for a row without fault.
create or replace temp table staged as
with typed_line as (
    select
        *,
        {typed}
    from stage_text
)
select
    load_id, position, line, place, {columns},
    (case
        {failures}
    end)::integer as failure
from typed_line;
