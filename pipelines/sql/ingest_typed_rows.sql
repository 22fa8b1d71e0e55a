-- one row per staged row without fault, in the declared columns.
select {columns} from staged where failure is null;
