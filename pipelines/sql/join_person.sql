-- {table}: the same rows, one person's under another pseudonym.
update {table} set {column} = ? where {column} = ?;
