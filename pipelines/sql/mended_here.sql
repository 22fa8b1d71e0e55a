-- mended_here: one row per staged line that a mended row stands for; old_line is where the mended row was. Lines
-- of one person that say the same are one as good as the other, so their order decides.
create or replace temp table mended_here as
with staged_origin as (
    select
        load_id, line, person_text as person, {digest} as digest,
        row_number() over (partition by load_id, person_text, {digest} order by line) as copy
    from stage_text
    where load_id in (select unnest($loads)) and person_text in (select origin_person from mended)
),
kept as (
    select
        *, row_number() over (partition by load_id, origin_person, origin_digest order by line) as copy
    from mended
)
select
    staged_origin.load_id, staged_origin.line, kept.line as old_line, kept.origin_person, kept.origin_digest,
    kept.is_skipped, kept.person, kept.texts
from staged_origin join kept
    on kept.load_id = staged_origin.load_id and kept.origin_person = staged_origin.person
        and kept.origin_digest = staged_origin.digest and kept.copy = staged_origin.copy;
