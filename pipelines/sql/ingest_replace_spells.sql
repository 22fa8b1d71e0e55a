-- tells those staged rows their doubt that break a rule, cut where that was chosen.
update staged set {replaced} where failure is null and {broken};
