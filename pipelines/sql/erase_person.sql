-- {export}: the same rows without one person's.
delete from {export} where person = ?;
