-- all tables of the warehouse, row by row, into a file that never held anything else.
copy from database stored to fresh;
detach fresh;
detach stored;
