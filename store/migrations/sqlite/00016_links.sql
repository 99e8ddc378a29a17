-- +goose Up

-- What lets people in who are not in a channel, as it stands in their addresses:
-- whoever reads this table can read what it opens anyway.
CREATE TABLE links (
	channel  INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
	purpose  TEXT    NOT NULL,
	secret   TEXT    NOT NULL,
	made_by  TEXT    NOT NULL,
	made_key TEXT    NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (channel, purpose)
) WITHOUT ROWID;

CREATE UNIQUE INDEX links_secret ON links (secret);
