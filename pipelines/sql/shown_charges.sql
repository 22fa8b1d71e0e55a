-- One row per charge to which a person contributed.
select item, period, x, is_cut
from charged join charge using (charge_id, item)
where person = ?
order by item, charge.period_index;
