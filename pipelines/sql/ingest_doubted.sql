-- one row more per staged row that counts and each rule that doubts it.
insert into doubted
select doubt.load_id, doubt.line, failure.rule, failure.column_name, failure.reason, failure.choice, doubt.place
from (select load_id, line, place, unnest(doubts) as rule_place from staged where failure is null) as doubt
join failure on failure.place = doubt.rule_place;
