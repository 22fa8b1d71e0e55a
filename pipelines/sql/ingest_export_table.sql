-- one row per accepted line of an export's files; person is a keyed hash.
create table if not exists {export} (
    load_id integer not null,
    line integer not null,
    {columns}
);
