-- takes out the entry of one load.
delete from load where load_id = $load_id;
