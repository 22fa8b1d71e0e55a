-- the same lines; {amount} is in hours instead of days, day_hours of which make a day: null where that is a fifth of
-- the person's week and no contract is in force on the first day. An amount that no column can hold is null.
(
    select * replace (try_cast({amount} * day_hours as decimal(12, 4)) as {amount})
    from (select *, ({day_hours}) as day_hours from {lines} as line)
)
