-- +goose Up

-- What is compared of a paper: its direction by core/meaning and its words with
-- their counts, as the model of meaning made them. The note that says by which
-- rules the index was made says by which model too.
CREATE TABLE features (
	seq    INTEGER PRIMARY KEY REFERENCES papers ON DELETE CASCADE,
	vector BLOB NOT NULL, -- signed bytes; empty: no known word
	bag    BLOB NOT NULL
);
