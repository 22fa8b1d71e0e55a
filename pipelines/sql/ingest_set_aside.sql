-- one row per staged row with a fault, but for collapsed ones; of one that may be mended also whose row of the file
-- it was, and the digest of what that said.
insert into set_aside by name
select
    staged.load_id, staged.line, failure.rule, failure.column_name, failure.reason, staged.place,
    case when {is_fault} then coalesce(here.origin_person, stage_text.person_text) else '' end as origin_person,
    case when {is_fault} then coalesce(here.origin_digest, {digest}) else '' end as origin_digest
from staged
join failure on staged.failure = failure.place
join stage_text on stage_text.load_id = staged.load_id and stage_text.line = staged.line
left join mended_here as here on here.load_id = staged.load_id and here.line = staged.line
where failure.rule <> 'collapsed';
