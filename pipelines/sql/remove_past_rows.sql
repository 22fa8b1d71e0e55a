-- {export}: the same rows without those that ended before the day from which they are kept.
delete from {export} where {ended} < $day::date;
