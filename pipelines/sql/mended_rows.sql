-- one row per line of a load's content that a mended row stands for, in the order of the file.
select line, is_skipped, person, texts from mended
where load_id = $load_id and content_hash = $content_hash order by line;
