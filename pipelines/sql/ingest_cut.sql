-- lets the staged spells of found that count begin on the first day that is left of them.
update staged set {cut}
from found where staged.load_id = found.load_id and staged.line = found.line and failure is null;
