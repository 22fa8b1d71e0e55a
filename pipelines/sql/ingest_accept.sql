-- one row per staged row without fault.
insert into {export} (load_id, line, {columns})
select load_id, line, {columns} from staged where failure is null order by position, line;
