-- one row per rule, column and choice: how many lines of a load it set aside or doubted, and the first of them.
with finding as (
    select load_id, rule, column_name, reason, 'set-aside' as choice, line, place from set_aside
    union all
    select load_id, rule, column_name, reason, choice, line, place from doubted
)
select rule, column_name, reason, choice, count(*)::integer, min(line), arg_min(coalesce(place, ''), line)
from finding where load_id = $load_id
group by rule, column_name, reason, choice
order by rule, column_name, choice;
