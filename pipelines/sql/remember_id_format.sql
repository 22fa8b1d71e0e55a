-- id_format: one row.
insert into id_format values (?);
