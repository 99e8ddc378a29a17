-- +goose Up

-- The channel whose topics another one brings to somebody: core.Channel.Follows. A
-- reader's channel goes with the one that it follows.
ALTER TABLE channels ADD COLUMN follows INTEGER REFERENCES channels ON DELETE CASCADE;
CREATE INDEX channels_follows ON channels (follows) WHERE follows IS NOT NULL;
