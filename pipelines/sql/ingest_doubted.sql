-- one row more per staged row that counts and each rule that doubts it.
insert into doubted
select doubt.load_id, doubt.line, failure.rule, failure.column_name, failure.reason, failure.choice
from (select load_id, line, unnest(doubts) as place from staged where failure is null) as doubt
join failure using (place);
