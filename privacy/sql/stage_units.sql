-- unit_constant: one row per unit of the register.
insert into unit_constant
select unnest($units::varchar[]), unnest($leaves::varchar[]), unnest($centres::bigint[]), unnest($standards::bigint[]);
