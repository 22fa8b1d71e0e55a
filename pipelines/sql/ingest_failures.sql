-- failure: one row per way in which a staged row can fail.
create or replace temp table failure (place integer, rule varchar, column_name varchar, reason varchar);
