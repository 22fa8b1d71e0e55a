-- one row per line of a person that was set aside: where it came from and why it does not count.
select file_name, line, place, rule, column_name, reason
from set_aside left join load using (load_id)
where origin_person = ?
order by load_id, line;
