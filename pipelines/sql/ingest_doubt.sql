-- tells the staged rows of found their doubt.
update staged set doubts = list_append(doubts, {doubt})
from found where staged.load_id = found.load_id and staged.line = found.line;
