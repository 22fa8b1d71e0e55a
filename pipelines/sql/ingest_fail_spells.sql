-- sets those staged rows aside that break a rule.
update staged set failure = {failure} where failure is null and {broken};
