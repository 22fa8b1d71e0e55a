-- the same lines; where a rule is broken with its doubt, and cut where that was chosen.
(select * replace ({replaced}) from {lines})
