-- one row per staged row that counts: whether each relation to the register and the roster holds.
select {relations} from staged where failure is null;
