-- takes out what was doubted of one load.
delete from doubted where load_id = $load_id;
