-- takes out what stands for one line.
delete from mended where load_id = $load_id and line = $line;
