-- +goose Up

-- The channel's journal club: core.Club.
ALTER TABLE channels ADD COLUMN club TEXT NOT NULL DEFAULT '{}';
