-- load: one row per export and file name that is in the warehouse. The hashes say what was read and how:
-- content_hash of the file, mapping_hash of its mapping and coverage, setting_hash of the units and roster.
-- Always rows_accepted + rows_collapsed + rows_set_aside = rows_read. Months are texts such as 2026-03;
-- covers_without holds those between the first and the last that are missing, with blanks between.
create table if not exists load (
    load_id integer primary key,
    export varchar not null,
    file_name varchar not null,
    content_hash varchar not null,
    mapping_hash varchar not null,
    setting_hash varchar not null,
    rows_read integer not null,
    rows_accepted integer not null,
    rows_collapsed integer not null,
    rows_set_aside integer not null,
    covers_from varchar not null,
    covers_to varchar not null,
    grain varchar,
    week_date varchar,
    loaded_on date not null,
    covers_without varchar default ''
);
alter table load add column if not exists covers_without varchar default '';
-- declared_cover: one row per declaration of what an export covers that stands, whatever became of the files.
create table if not exists declared_cover (
    export varchar not null,
    covers_from varchar not null,
    covers_to varchar not null,
    covers_without varchar not null
);
insert into declared_cover
select distinct export, covers_from, covers_to, covers_without from load
where not exists (select 1 from declared_cover);
-- withdrawn_cover: one row per load undone since its export was last ingested.
create table if not exists withdrawn_cover (
    export varchar not null,
    covers_from varchar not null,
    covers_to varchar not null,
    covers_without varchar default ''
);
alter table withdrawn_cover add column if not exists covers_without varchar default '';
-- set_aside: one row per data row that does not count, with the reason; never a value. place says what the
-- line alone does not, such as the sheet; the origin, whose row of the file it was and the digest of its texts.
create table if not exists set_aside (
    load_id integer not null,
    line integer not null,
    rule varchar not null,
    column_name varchar not null,
    reason varchar not null,
    place varchar default '',
    origin_person varchar default '',
    origin_digest varchar default ''
);
alter table set_aside add column if not exists place varchar default '';
alter table set_aside add column if not exists origin_person varchar default '';
alter table set_aside add column if not exists origin_digest varchar default '';
-- doubted: one row per data line that counts and each rule that it broke, with the choice by which it counts.
create table if not exists doubted (
    load_id integer not null,
    line integer not null,
    rule varchar not null,
    column_name varchar not null,
    reason varchar not null,
    choice varchar not null,
    place varchar default ''
);
alter table doubted add column if not exists place varchar default '';
-- mended: one row per row of a file that a mended row stands for: the origin says whose that was, with the digest
-- of its texts, and line where it stood last; texts are those of the columns after person, in the declared order
-- and as the mapping gives them.
create table if not exists mended (
    load_id integer not null,
    line integer not null,
    origin_person varchar not null,
    origin_digest varchar not null,
    is_skipped boolean not null,
    person varchar not null,
    texts varchar[] not null
);
alter table mended add column if not exists origin_person varchar default '';
alter table mended add column if not exists origin_digest varchar default '';
alter table mended drop column if exists content_hash;
-- kept_from: at most one row per export: the first month of which it is kept.
create table if not exists kept_from (export varchar primary key, month varchar not null);
