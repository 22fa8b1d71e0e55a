-- One number: a person's rows in {export}.
select count(*) from {export} where person = ?;
