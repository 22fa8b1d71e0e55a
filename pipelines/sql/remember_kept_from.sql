-- kept_from: one row of the export, with a month that never goes back.
insert into kept_from values (?, ?)
on conflict (export) do update set month = greatest(month, excluded.month);
