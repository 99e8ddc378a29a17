-- +goose Up

-- What identifies papers that have no arXiv id: guids of feeds, DOIs, links.
CREATE TABLE names (
	name  INTEGER PRIMARY KEY, -- core.Name.Number
	paper INTEGER REFERENCES papers ON DELETE CASCADE, -- null: several carry it, it identifies none
	feed  TEXT NOT NULL DEFAULT '' -- whose guid it is
);
CREATE INDEX names_paper ON names (paper, feed);
