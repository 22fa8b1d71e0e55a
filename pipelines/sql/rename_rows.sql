-- {table}: the same rows under the pseudonyms that renamed, one row a person, gives them.
update {table} set {column} = renamed.fresh from renamed where {table}.{column} = renamed.person;
