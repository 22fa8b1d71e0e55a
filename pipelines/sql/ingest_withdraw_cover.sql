-- enters the coverage of one undone load.
insert into withdrawn_cover values (?, ?, ?, ?);
