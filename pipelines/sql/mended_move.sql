-- mended: the same rows under the lines on which their own rows stand now.
update mended set line = here.line
from mended_here as here
where mended.load_id = here.load_id and mended.line = here.old_line;
