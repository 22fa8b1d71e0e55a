-- One row per pseudonym in {table}.
select distinct {column} from {table};
