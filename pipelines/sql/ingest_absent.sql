-- load: the same rows; those of files that do not lie in the folder are read anew when they come again.
update load set setting_hash = '' where not list_contains($present, export || '/' || file_name);
