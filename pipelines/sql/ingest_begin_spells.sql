-- gives the staged first row of each spell its first and last day.
update staged set {first} = spell.begins, {last} = spell.ends
from spell where staged.load_id = spell.load_id and staged.line = spell.line;
