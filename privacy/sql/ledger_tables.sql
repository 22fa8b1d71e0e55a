-- entry: one row per ledger entry, in order; line is its canonical JSON, hash the SHA-256 of the line.
CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, line TEXT NOT NULL, hash TEXT NOT NULL UNIQUE);
-- drawn: one row per measurement; its key is why nothing can be drawn twice.
CREATE TABLE IF NOT EXISTS drawn (
    item TEXT NOT NULL,
    period TEXT NOT NULL,
    level TEXT NOT NULL,
    seq INTEGER NOT NULL UNIQUE REFERENCES entry (seq),
    PRIMARY KEY (item, period, level)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS entry_is_not_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_is_not_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS drawn_is_not_changed BEFORE UPDATE ON drawn
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS drawn_is_not_deleted BEFORE DELETE ON drawn
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
