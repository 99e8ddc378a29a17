-- +goose Up

-- Reference managers that papers go into: core.Library. The secret lets whoever has it
-- write there.
CREATE TABLE libraries (
	channel    BIGINT NOT NULL PRIMARY KEY REFERENCES channels ON DELETE CASCADE,
	what       TEXT COLLATE "C" NOT NULL,
	least      BIGINT NOT NULL,
	path       TEXT COLLATE "C" NOT NULL,
	name       TEXT COLLATE "C" NOT NULL,
	collection TEXT COLLATE "C" NOT NULL,
	secret     TEXT COLLATE "C" NOT NULL,
	at         BIGINT NOT NULL
);
