-- person_quarter: one row per person with anything recorded in a month of the quarter from $first to $last.
-- Looks at one person's rows alone: flows are added up, stocks are the last month's, the unit is the quarter's.
create or replace temp table person_quarter as
select quarter_month.person, place.unit_id, {columns}
from quarter_month join place_in($first::date, $last::date) as place using (person)
group by quarter_month.person, place.unit_id;
