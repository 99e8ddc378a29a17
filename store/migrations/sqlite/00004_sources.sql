-- +goose Up

-- What people call a source, and what is said of its newest list.
ALTER TABLE sources ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN note TEXT NOT NULL DEFAULT '';
