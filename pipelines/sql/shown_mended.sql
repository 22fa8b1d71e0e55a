-- one row per mended row of a person or in place of one of theirs: where it stands and what it says.
select file_name, line, array_to_string(texts, ' | ')
from mended left join load using (load_id)
where person = $person or origin_person = $person
order by load_id, line;
