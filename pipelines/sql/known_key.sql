-- At most one row: the fingerprint of the warehouse's key.
select fingerprint from pseudonym_key;
