-- stage_text: the same lines, some as they were mended, without those mended to an erased person.
update stage_text
set is_skipped = here.is_skipped, person_text = here.person, {texts}
from mended_here as here
where stage_text.load_id = here.load_id and stage_text.line = here.line;
delete from stage_text where person_text in (from erased_person);
