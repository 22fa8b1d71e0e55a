-- pseudonym_key: one row.
insert into pseudonym_key values (?);
