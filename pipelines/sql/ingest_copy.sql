-- a copy of all stored tables into memory; the file itself is only read.
copy from database stored to memory;
detach stored;
