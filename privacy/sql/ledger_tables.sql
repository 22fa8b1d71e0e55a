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
-- REPLACE fires no DELETE trigger, so a key that exists is refused before it.
CREATE TRIGGER IF NOT EXISTS entry_is_not_replaced BEFORE INSERT ON entry
WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS drawn_is_not_replaced BEFORE INSERT ON drawn
WHEN EXISTS (
    SELECT 1 FROM drawn
    WHERE seq = NEW.seq OR (item = NEW.item AND period = NEW.period AND level = NEW.level)
)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_is_not_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_is_not_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS drawn_is_not_changed BEFORE UPDATE ON drawn
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS drawn_is_not_deleted BEFORE DELETE ON drawn
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
