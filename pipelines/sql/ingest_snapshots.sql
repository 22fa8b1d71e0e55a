-- snapshot: one row per declared snapshot, oldest first.
create or replace temp table snapshot as
select row_number() over (order by snapshot_day)::integer as ordinal, snapshot_day
from (select unnest($days::date[]) as snapshot_day);
