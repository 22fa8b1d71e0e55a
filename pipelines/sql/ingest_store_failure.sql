-- enters one way to fail.
insert into failure values (?, ?, ?, ?, ?);
