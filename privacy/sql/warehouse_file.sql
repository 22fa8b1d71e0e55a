-- One path: the file of the warehouse in use, or null where it lies in memory.
select path from duckdb_databases() where database_name = current_database();
