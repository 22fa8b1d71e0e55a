-- {export}: the same rows, one person's under another pseudonym.
update {export} set person = ? where person = ?;
