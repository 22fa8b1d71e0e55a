-- One row per pseudonym that stands for another one.
select gone, kept from same_person;
