-- takes out what one load set aside.
delete from set_aside where load_id = $load_id;
