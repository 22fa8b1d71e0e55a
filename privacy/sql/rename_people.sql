-- {table}: the same rows under the pseudonyms that renamed, one row a person, gives them.
update {table} set person = renamed.fresh from renamed where {table}.person = renamed.person;
