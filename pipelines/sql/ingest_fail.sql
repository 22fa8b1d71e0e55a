-- sets the staged rows of found aside.
update staged set failure = {failure}
from found where staged.load_id = found.load_id and staged.line = found.line;
