-- enters one mended row.
insert into mended by name
select
    ? as load_id, ? as line, ? as origin_person, ? as origin_digest, ? as is_skipped, ? as person, ? as texts;
