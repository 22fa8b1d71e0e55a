-- known_unit: one row per unit of the organisation register.
create or replace temp table known_unit as select unnest($units::varchar[]) as unit_id;
