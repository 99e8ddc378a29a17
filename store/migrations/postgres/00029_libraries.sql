-- +goose Up

-- Reference managers that papers go into: core.Library. The secret lets whoever has it
-- write there.
CREATE TABLE libraries (
	channel    BIGINT NOT NULL PRIMARY KEY REFERENCES channels ON DELETE CASCADE,
	what       TEXT NOT NULL,
	least      BIGINT NOT NULL,
	path       TEXT NOT NULL,
	name       TEXT NOT NULL,
	collection TEXT NOT NULL,
	secret     TEXT NOT NULL,
	at         BIGINT NOT NULL
);
