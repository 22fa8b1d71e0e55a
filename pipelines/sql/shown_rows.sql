-- One row per stored row of a person in {export}: where it came from, its columns, the last day it may speak of.
select file_name, line, loaded_on, {columns}, ({ended})::date as ended
from {export} left join load using (load_id)
where person = ?
order by load_id, line;
