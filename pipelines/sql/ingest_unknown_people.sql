-- marks staged rows of persons without any row in staff; looks at that person's rows alone.
update staged set failure = {failure}
where failure is null and person not in (select person from staff);
