-- quarter_month: one row per person and month of a quarter so far, from person_month.
create temp table if not exists quarter_month as
select *, false as is_last from person_month where false;
insert into quarter_month select *, {is_last} from person_month;
