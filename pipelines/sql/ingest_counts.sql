-- one row: how many lines of a load were accepted, collapsed and set aside.
select
    (select count(*) from {export} where load_id = $load_id),
    (
        select count(*) from staged join failure on staged.failure = failure.place
        where staged.load_id = $load_id and failure.rule = 'collapsed'
    ),
    (select count(*) from set_aside where load_id = $load_id);
