-- +goose Up

-- When code came of a paper that was kept without: core.Paper.Coded.
ALTER TABLE texts ADD COLUMN coded INTEGER NOT NULL DEFAULT 0;
