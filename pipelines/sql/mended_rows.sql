-- one row per mended row of a load, in the order of the file.
select line, origin_person, origin_digest, is_skipped, person, texts from mended
where load_id = $load_id order by line;
