-- +goose Up

-- What is kept of installations: core.Installed. What was granted is sealed before
-- it comes here.
CREATE TABLE installations (
	platform     TEXT   NOT NULL,
	workspace    TEXT   NOT NULL,
	enterprise   TEXT   NOT NULL,
	name         TEXT   NOT NULL,
	bot_user     TEXT   NOT NULL,
	scopes       TEXT   NOT NULL,
	token        BYTEA   NOT NULL,
	refresh      BYTEA   NOT NULL,
	expires      BIGINT NOT NULL,
	installed_by TEXT   NOT NULL,
	installed    BIGINT NOT NULL,
	paused       BIGINT NOT NULL,
	gone         BIGINT NOT NULL,
	PRIMARY KEY (platform, workspace)
);
