-- one row per rule: how many lines of a load it set aside.
select rule, count(*) from set_aside where load_id = $load_id group by rule order by rule;
