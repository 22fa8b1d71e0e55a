-- person_value: people of units that the register version does not know are placed with its root unit.
update person_value set unit_id = $root where unit_id not in (select unit_id from unit_constant);
