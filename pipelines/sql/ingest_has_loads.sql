-- one row where anything is loaded, else none.
select 1 from load limit 1;
