-- +goose Up

-- Papers that were missed once, each with the topic that has to match it from then on.
CREATE TABLE guards (
	topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
	paper TEXT    NOT NULL,
	at    INTEGER NOT NULL,
	PRIMARY KEY (topic, paper)
) WITHOUT ROWID;
