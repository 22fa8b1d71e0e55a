-- one row where anybody's contributions are charged, else none.
select 1 from charged limit 1;
