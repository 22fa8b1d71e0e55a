-- one row per load of an export still in the warehouse (is_withdrawn false) or undone since its last ingest.
select covers_from, covers_to, covers_without, false as is_withdrawn from load where export = $export
union all
select covers_from, covers_to, covers_without, true from withdrawn_cover where export = $export;
