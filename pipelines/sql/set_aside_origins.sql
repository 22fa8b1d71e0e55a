-- one row per line that a load set aside: whose row it was and the digest of its other texts.
select line, rule, origin_person, origin_digest from set_aside where load_id = $load_id;
