-- enters one mended row.
insert into mended values (?, ?, ?, ?, ?, ?);
