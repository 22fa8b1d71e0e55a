-- {table}: the same rows without one person's.
delete from {table} where {column} = ?;
