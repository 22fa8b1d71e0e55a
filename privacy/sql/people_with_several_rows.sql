-- One number: rows beyond one a person, none of which may be charged.
select count(*) - count(distinct person) from person_value;
