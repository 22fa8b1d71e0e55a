-- true of a staged row whose person is employed on a day from {first} to {last}.
exists (
    select 1 from staff
    where staff.person = staged.person
        and staff.start_date <= {last} and coalesce(staff.end_date, date '9999-12-31') >= {first}
)
