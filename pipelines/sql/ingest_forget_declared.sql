-- takes out what was declared of one export.
delete from declared_cover where export = $export;
