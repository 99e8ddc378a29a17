-- +goose Up

-- Whose turn it is to ask somebody who wants to be asked slowly, and when the next
-- begins, by the database's clock: core.Turns.
CREATE TABLE turns (
	name  TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	free  INTEGER NOT NULL
);

-- When an event last wrote a mark, by the database's clock: what was read back before
-- knows nothing of it.
ALTER TABLE reactions ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;
