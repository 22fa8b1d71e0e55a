-- one row if one of these people was erased.
select person from erased_person where person in (?, ?) limit 1;
