-- load: all rows; the next ingest reads every file again.
update load set setting_hash = '';
