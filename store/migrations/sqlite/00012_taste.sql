-- +goose Up

-- What people of a channel said about its taste beside their votes: core.Taste.
ALTER TABLE channels ADD COLUMN taste TEXT NOT NULL DEFAULT '{}';
