-- +goose Up

-- What is kept of installations: core.Installed. What was granted is sealed before
-- it comes here.
CREATE TABLE installations (
	platform     TEXT COLLATE "C" NOT NULL,
	workspace    TEXT COLLATE "C" NOT NULL,
	enterprise   TEXT COLLATE "C" NOT NULL,
	name         TEXT COLLATE "C" NOT NULL,
	bot_user     TEXT COLLATE "C" NOT NULL,
	scopes       TEXT COLLATE "C" NOT NULL,
	token        BYTEA NOT NULL,
	refresh      BYTEA NOT NULL,
	expires      BIGINT NOT NULL,
	renewing     BIGINT NOT NULL,
	installed_by TEXT COLLATE "C" NOT NULL,
	installed    BIGINT NOT NULL,
	paused       BIGINT NOT NULL,
	gone         BIGINT NOT NULL,
	PRIMARY KEY (platform, workspace)
);
