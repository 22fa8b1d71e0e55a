-- One number: people whose unit no version of the register knows.
select count(*) from person_value anti join unit_constant using (unit_id);
