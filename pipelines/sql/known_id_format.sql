-- At most one row: how the roster's ids are read.
select format from id_format;
