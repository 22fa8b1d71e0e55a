-- same_person: one row more; who stood for the one that goes stands for the one kept.
insert or replace into same_person
select gone, $kept from same_person where kept = $gone
union all
select $gone, $kept;
