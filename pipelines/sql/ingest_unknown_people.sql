-- found: one row per staged row of a person without any row in staff; looks at that person's rows alone.
create or replace temp table found as
select load_id, line from staged where failure is null and person not in (select person from staff);
