-- one row per person and month in which a stored row begins: how many do.
select count(*)::integer as rows
from {export}
group by {person}, date_trunc('month', {first});
