-- mended: the same rows of {export}'s loads, without those that do not stand in its table.
delete from mended
where
    load_id in (select load_id from load where export = '{export}')
    and not exists (
        select 1 from {export} as stored where stored.load_id = mended.load_id and stored.line = mended.line
    );
