-- One row per charge of an item that neither the ledger's draws nor this warehouse knows as drawn.
select charge_id
from charge
where item = $item and not list_contains($drawn, charge_id) and charge_id not in (select charge_id from acknowledged);
