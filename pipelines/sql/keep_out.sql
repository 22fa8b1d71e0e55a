-- erased_person: one row more.
insert or ignore into erased_person values (?);
