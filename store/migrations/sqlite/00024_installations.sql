-- +goose Up

-- What is kept of installations: core.Installed. What was granted is sealed before
-- it comes here.
CREATE TABLE installations (
	platform     TEXT    NOT NULL,
	workspace    TEXT    NOT NULL,
	enterprise   TEXT    NOT NULL,
	name         TEXT    NOT NULL,
	bot_user     TEXT    NOT NULL,
	scopes       TEXT    NOT NULL,
	token        BLOB    NOT NULL,
	refresh      BLOB    NOT NULL,
	expires      INTEGER NOT NULL,
	renewing     INTEGER NOT NULL,
	installed_by TEXT    NOT NULL,
	installed    INTEGER NOT NULL,
	paused       INTEGER NOT NULL,
	gone         INTEGER NOT NULL,
	PRIMARY KEY (platform, workspace)
);
