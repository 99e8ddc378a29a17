-- +goose Up

-- What a source said of its list of a day: the most entries that it had by its own
-- count, and the earlier list that came in its place.
CREATE TABLE lists (
	source  TEXT NOT NULL,
	day     TEXT NOT NULL,
	entries INTEGER NOT NULL,
	again   TEXT NOT NULL, -- the day of the earlier list; '': none came
	parts   TEXT NOT NULL, -- JSON: of the source, that it came for; []: for all of it
	due     INTEGER NOT NULL,
	since   INTEGER NOT NULL,
	until   INTEGER NOT NULL, -- 0: it still does
	PRIMARY KEY (day, source)
) WITHOUT ROWID;
