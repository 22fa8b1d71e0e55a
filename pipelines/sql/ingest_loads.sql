-- one row per load, oldest number first.
select
    load_id, export, file_name, content_hash, mapping_hash, setting_hash,
    rows_read, rows_accepted, rows_collapsed, rows_set_aside,
    covers_from, covers_to, grain, week_date, loaded_on, covers_without
from load order by load_id;
