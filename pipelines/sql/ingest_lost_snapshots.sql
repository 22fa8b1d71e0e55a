-- one row per declared snapshot of which no line was read, oldest first.
select snapshot_day from snapshot where snapshot_day not in (
    select snapshot_day from staged where snapshot_day is not null
) order by snapshot_day;
