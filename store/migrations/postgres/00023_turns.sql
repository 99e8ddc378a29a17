-- +goose Up

-- Whose turn it is to ask somebody who wants to be asked slowly, and when the next
-- begins, by the database's clock: core.Turns.
CREATE TABLE turns (
	name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	owner TEXT COLLATE "C" NOT NULL,
	free  BIGINT NOT NULL
);

-- When an event last wrote a mark, by the database's clock: what was read back before
-- knows nothing of it.
ALTER TABLE reactions ADD COLUMN heard BIGINT NOT NULL DEFAULT 0;
