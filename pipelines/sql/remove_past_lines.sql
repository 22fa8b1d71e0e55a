-- {table}: the same rows without those of an export's loads that cover only months before the one given.
delete from {table} where load_id in (select load_id from load where export = $export and covers_to < $month);
