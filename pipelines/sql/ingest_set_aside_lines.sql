-- one row per line that a load set aside, in the order of the file.
select line, rule, column_name, reason, place from set_aside where load_id = $load_id order by line, place;
