-- One number: rows of {export} that ended before the day from which they are kept.
select count(*) from {export} where {ended} < $day::date;
