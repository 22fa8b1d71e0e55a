-- one row per data line of the batch, without those of erased people.
insert into stage_text by name select * from batch where person_text not in (from erased_person);
