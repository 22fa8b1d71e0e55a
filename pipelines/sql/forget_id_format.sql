-- id_format: no row.
delete from id_format;
