-- takes out the mended rows of some loads whose own row is in the file no more: one row each.
delete from mended
where
    load_id in (select unnest($loads))
    and not exists (
        select 1 from mended_here as here where here.load_id = mended.load_id and here.old_line = mended.line
    )
returning load_id;
