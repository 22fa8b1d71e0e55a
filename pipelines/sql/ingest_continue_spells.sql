-- takes the staged rows that go on a spell of an earlier snapshot for part of it.
update staged set failure = {failure}
where failure is null and (load_id, line) not in (select (load_id, line) from spell);
