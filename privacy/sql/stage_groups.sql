-- group_line: one row per leaf group and group that holds it, at the item's levels.
insert into group_line
select unnest($leaves::varchar[]), unnest($levels::varchar[]), unnest($positions::integer[]), unnest($groups::varchar[]);
