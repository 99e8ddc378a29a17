-- +goose Up

-- Reference managers that papers go into: core.Library. The secret lets whoever has it
-- write there.
CREATE TABLE libraries (
	channel    INTEGER NOT NULL PRIMARY KEY REFERENCES channels ON DELETE CASCADE,
	what       TEXT NOT NULL,
	least      INTEGER NOT NULL,
	path       TEXT NOT NULL,
	name       TEXT NOT NULL,
	collection TEXT NOT NULL,
	secret     TEXT NOT NULL,
	at         INTEGER NOT NULL
);
