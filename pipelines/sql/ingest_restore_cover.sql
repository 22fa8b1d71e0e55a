-- takes back what was withdrawn of one export: it is ingested again.
delete from withdrawn_cover where export = $export;
