-- one row per load and rule; rule is 'accepted' for rows without fault.
select load_id, coalesce(rule, 'accepted') as rule, count(*)::integer as row_count
from staged left join failure on staged.failure = failure.place
group by load_id, rule;
