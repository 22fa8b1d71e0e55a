-- takes out the mended rows of a load that belong to another content of its file: one row each.
delete from mended where load_id = $load_id and content_hash <> $content_hash returning line;
