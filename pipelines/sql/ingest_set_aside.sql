-- one row per staged row with a fault; collapsed rows are none.
insert into set_aside
select staged.load_id, staged.line, failure.rule, failure.column_name, failure.reason, staged.place
from staged join failure on staged.failure = failure.place
where failure.rule <> 'collapsed';
