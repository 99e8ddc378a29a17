-- +goose Up

-- PostgreSQL never gave a number twice; SQLite does not any more either.
SELECT 1;
