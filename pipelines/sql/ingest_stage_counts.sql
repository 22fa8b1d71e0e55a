-- one row per load with staged lines: how many.
select load_id, count(*) from stage_text group by load_id;
