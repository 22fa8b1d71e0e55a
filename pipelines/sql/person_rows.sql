-- One number: rows of {table} under a pseudonym.
select count(*) from {table} where {column} = ?;
