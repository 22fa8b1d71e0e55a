-- sets those staged spells of found aside of which no day is left.
update staged set failure = {failure}
from found
where staged.load_id = found.load_id and staged.line = found.line and found.last_day <= found.taken_until;
