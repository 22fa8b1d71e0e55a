-- takes out all mended rows of one load.
delete from mended where load_id = $load_id;
