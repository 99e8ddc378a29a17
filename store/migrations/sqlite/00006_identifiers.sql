-- +goose Up

-- What identifies papers that have no arXiv id: guids of feeds, DOIs, links.
CREATE TABLE identifiers (
	number INTEGER PRIMARY KEY, -- core.Identifier.Number
	paper  INTEGER REFERENCES papers ON DELETE CASCADE, -- null: several carry it, it identifies none
	feed   TEXT NOT NULL DEFAULT '' -- whose guid it is
);
CREATE INDEX identifiers_paper ON identifiers (paper, feed);
