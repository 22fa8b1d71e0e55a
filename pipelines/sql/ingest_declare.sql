-- enters one declaration of what an export covers.
insert into declared_cover values (?, ?, ?, ?);
