-- +goose Up

-- What people searched for lately: a button that goes on in a long list names it,
-- and completion offers it.
CREATE TABLE searches (
	person TEXT    NOT NULL,
	search TEXT    NOT NULL, -- as typed after the command
	at     INTEGER NOT NULL,
	PRIMARY KEY (person, search)
);
