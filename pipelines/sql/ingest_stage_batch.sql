-- one row per data line of the registered batch.
insert into stage_text by name select * from batch;
