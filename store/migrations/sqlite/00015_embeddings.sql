-- +goose Up

-- Directions of papers that an endpoint made ([meaning] in the configuration), by
-- its model: the built-in one's are in features.
CREATE TABLE embeddings (
	seq    INTEGER PRIMARY KEY REFERENCES papers ON DELETE CASCADE,
	model  TEXT NOT NULL,
	vector BLOB NOT NULL -- signed bytes; empty: it says nothing
);
