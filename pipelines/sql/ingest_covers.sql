-- one row per declaration of what an export covers (is_withdrawn false) or load of it undone since its last ingest.
select covers_from, covers_to, covers_without, false as is_withdrawn from declared_cover where export = $export
union all
select covers_from, covers_to, covers_without, true from withdrawn_cover where export = $export;
