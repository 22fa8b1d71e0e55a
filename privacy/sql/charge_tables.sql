-- charge: one row per plan item and period whose contributions have been frozen. Of one that was lost, who
-- contributed is not known any more: assumed_square is then what everybody counts as charged, else it is 0.
create table if not exists charge (
    charge_id varchar primary key,
    item varchar not null,
    period varchar not null,
    period_index integer not null,
    register integer not null,
    assumed_square bigint not null,
    unique (item, period)
);
-- charged: one row per person with a contribution to a charge; x is in the measure's smallest unit. That
-- there is one row is checked before each charge: an index on millions of people costs more than the charge.
create table if not exists charged (
    charge_id varchar not null,
    item varchar not null,
    period_index integer not null,
    person varchar not null,
    x bigint not null,
    is_cut boolean not null
);
-- charged_for: at most one row, the id of the ledger that the charges were drawn into.
create table if not exists charged_for (ledger varchar not null);
-- acknowledged: one row per charge whose draws are known to be in the ledger.
create table if not exists acknowledged (charge_id varchar primary key);
-- charged_before_join: one row per person whose ids were joined and charge frozen before that. Each id had a cap
-- of its own then, so together they may exceed it.
create table if not exists charged_before_join (
    person varchar not null,
    charge_id varchar not null,
    primary key (person, charge_id)
);
-- charged_from: at most one row, the first month of which anything may be charged still, such as 2024-11.
create table if not exists charged_from (month varchar not null);
-- charge_total: one row per charge, level and group; the exact total, never to leave the warehouse.
create table if not exists charge_total (
    charge_id varchar not null,
    level varchar not null,
    position integer not null,
    group_id varchar not null,
    total bigint not null,
    unique (charge_id, group_id)
);
-- person_value: one row per person to be charged now; refilled before each charge.
create temp table if not exists person_value (
    person varchar not null,
    unit_id varchar not null,
    value bigint not null,
    base bigint not null
);
-- unit_constant: one row per unit of the register with its leaf group and public constants.
create temp table if not exists unit_constant (
    unit_id varchar primary key,
    leaf varchar not null,
    centre bigint not null,
    standard bigint
);
-- group_line: one row per leaf group and group that holds it, itself included.
create temp table if not exists group_line (
    leaf varchar not null,
    level varchar not null,
    position integer not null,
    group_id varchar not null
);
