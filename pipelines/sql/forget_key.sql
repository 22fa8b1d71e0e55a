-- pseudonym_key: no row.
delete from pseudonym_key;
