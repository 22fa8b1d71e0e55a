-- pseudonym_key: at most one row, the fingerprint of the key that all pseudonyms here are made with.
create table if not exists pseudonym_key (fingerprint varchar not null);
-- same_person: one row per pseudonym whose person is known by another one.
create table if not exists same_person (gone varchar primary key, kept varchar not null);
-- id_format: at most one row, how the roster's ids were read when people were first stored.
create table if not exists id_format (format varchar not null);
-- erased_person: one row per pseudonym whose rows stay out, whichever file brings them.
create table if not exists erased_person (person varchar primary key);
