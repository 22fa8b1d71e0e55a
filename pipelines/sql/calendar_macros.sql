-- weekdays_until(day): how many Mondays to Fridays lie between 1 January 1900, a Monday, and the day.
create or replace temp macro weekdays_until(day) as
    5 * ((day - date '1900-01-01') // 7) + least((day - date '1900-01-01') % 7 + 1, 5);
-- weekdays(a, b): how many Mondays to Fridays lie in a span of days, both ends included.
create or replace temp macro weekdays(a, b) as weekdays_until(b) - weekdays_until(a - 1);
-- days_of(a, b, z): how many days of the span from a to b lie on or before z: Mondays to Fridays, or all days
-- where the span has no such day.
create or replace temp macro days_of(a, b, z) as
    case
        when weekdays(a, b) > 0 then weekdays(a, greatest(least(b, z), a - 1))
        else greatest(least(b, z) - a + 1, 0)
    end;
-- part_in(a, b, amount, x, y): the part of a whole amount, spread evenly over the days of the span from a to b
-- by largest remainder (earlier days first), that falls on the days from x to y.
create or replace temp macro part_in(a, b, amount, x, y) as
    (amount // days_of(a, b, b)) * (days_of(a, b, y) - days_of(a, b, x - 1))
    + least(amount % days_of(a, b, b), days_of(a, b, y))
    - least(amount % days_of(a, b, b), days_of(a, b, x - 1));
