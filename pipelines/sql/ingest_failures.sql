-- failure: one row per way in which a staged row can fail or be doubtful, with what is done about such rows.
create or replace temp table failure (
    place integer, rule varchar, column_name varchar, reason varchar, choice varchar
);
