-- One row per pseudonym in {export}.
select distinct person from {export};
