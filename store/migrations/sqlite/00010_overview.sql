-- +goose Up

-- What a search asks of every paper: the signs of its direction, its categories,
-- sources and code. Both are filled when the index of words is made anew, whose
-- words tell the block of papers that they stand in from now on.
ALTER TABLE papers ADD COLUMN signs BLOB NOT NULL DEFAULT '';
ALTER TABLE papers ADD COLUMN filed TEXT NOT NULL DEFAULT '';
CREATE INDEX papers_changed_later ON papers (changed) WHERE changed > seq;
DELETE FROM notes WHERE name IN ('index of words', 'model of meaning');

-- How many there are, so that they need not be counted.
ALTER TABLE counter ADD COLUMN papers INTEGER NOT NULL DEFAULT 0;
UPDATE counter SET papers = (SELECT count(*) FROM papers);
