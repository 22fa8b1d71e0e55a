-- one row: a fifth of the hours a week of the contracts of a line's person on its first day, null without any.
select sum(staff.weekly_hours) / 5 from staff
where staff.person = line.person
    and line.{first} between staff.start_date and coalesce(staff.end_date, date '9999-12-31')
