-- +goose Up

-- The ledger as a queue: the moment from which something has to be done about a
-- channel (0: nothing), so that it is asked and not scanned. 1 is "look at it",
-- for what earlier versions wrote.
ALTER TABLE channels ADD COLUMN next_due  INTEGER NOT NULL DEFAULT 0; -- to be planned
ALTER TABLE channels ADD COLUMN next_send INTEGER NOT NULL DEFAULT 0; -- has a message to send
ALTER TABLE channels ADD COLUMN reread    INTEGER NOT NULL DEFAULT 0; -- its votes have to be read again
ALTER TABLE channels ADD COLUMN resumed   INTEGER NOT NULL DEFAULT 0; -- when the last pause ran out
ALTER TABLE channels ADD COLUMN private   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN attempt   INTEGER NOT NULL DEFAULT 0; -- how often it was claimed
CREATE INDEX channels_due    ON channels (next_due)  WHERE next_due  <> 0;
CREATE INDEX channels_send   ON channels (next_send) WHERE next_send <> 0;
CREATE INDEX channels_reread ON channels (reread)    WHERE reread    <> 0;

ALTER TABLE deliveries ADD COLUMN edit_at  INTEGER NOT NULL DEFAULT 0; -- when its message has to be edited
ALTER TABLE deliveries ADD COLUMN revision INTEGER NOT NULL DEFAULT 0; -- grows with everything that an edit has to show
ALTER TABLE deliveries ADD COLUMN revised  INTEGER NOT NULL DEFAULT 0; -- when it last grew
CREATE INDEX deliveries_edit ON deliveries (edit_at) WHERE edit_at <> 0;
DROP INDEX deliveries_open;
CREATE INDEX deliveries_open ON deliveries (channel, digest, position) WHERE state IN ('planned', 'held', 'sending');

UPDATE channels SET next_due = 1 WHERE gone = 0;
UPDATE channels SET next_send = 1 WHERE gone = 0
	AND id IN (SELECT channel FROM deliveries WHERE state IN ('planned', 'held', 'sending'));
UPDATE deliveries SET edit_at = 1, revision = 1, revised = updated WHERE outdated = 1 AND state = 'posted';

-- Processes that work on the store, and the channels that they send to.
CREATE TABLE owners (
	id      TEXT    NOT NULL PRIMARY KEY,
	host    TEXT    NOT NULL,
	pid     INTEGER NOT NULL,
	started INTEGER NOT NULL,
	beat    INTEGER NOT NULL -- by the database's clock
);
CREATE TABLE claims (
	channel INTEGER NOT NULL PRIMARY KEY REFERENCES channels ON DELETE CASCADE,
	owner   TEXT    NOT NULL REFERENCES owners ON DELETE CASCADE,
	attempt INTEGER NOT NULL
);
CREATE INDEX claims_owner ON claims (owner);

-- Who asked to be forgotten, as a hash, and when: reactions that still stand on
-- older messages are not counted again.
CREATE TABLE forgotten (
	person TEXT    NOT NULL PRIMARY KEY,
	at     INTEGER NOT NULL
);

-- Whose the names are that stand beside topics and mutes, so that they can be
-- blanked.
ALTER TABLE topics ADD COLUMN added_key TEXT NOT NULL DEFAULT '';
ALTER TABLE mutes  ADD COLUMN muted_key TEXT NOT NULL DEFAULT '';

-- What claims and edit_at stand for now.
DROP INDEX deliveries_outdated;
ALTER TABLE deliveries DROP COLUMN outdated;
ALTER TABLE deliveries DROP COLUMN lease;
