-- one row if the person was erased, who is erased no more.
delete from erased_person where person = ? returning person;
