-- stage_text: one row per data line of an export's files, every column as text, empty where the cell is.
create or replace temp table stage_text (
    load_id integer, position integer, line integer, place varchar, is_skipped boolean, {columns}
);
