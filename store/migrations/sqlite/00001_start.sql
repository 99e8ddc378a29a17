-- Times are milliseconds since 1970 in UTC, 0 for none; dates are 2026-11-23,
-- '' for none; lists and documents are JSON.

-- +goose Up

-- The number of the newest change: papers.seq and papers.changed are drawn from it.
CREATE TABLE counter (n INTEGER NOT NULL);
INSERT INTO counter VALUES (0);

-- What a search sifts and counts, so that it reads 100 bytes a paper; the rest is in texts.
CREATE TABLE papers (
	seq     INTEGER PRIMARY KEY,
	id      TEXT    NOT NULL UNIQUE,
	changed INTEGER NOT NULL,
	backlog INTEGER NOT NULL,
	day     TEXT    NOT NULL,
	prim    TEXT    NOT NULL, -- primary category
	upvotes INTEGER           -- null: unknown
);
CREATE INDEX papers_changed ON papers (changed) WHERE backlog = 0;
CREATE INDEX papers_day ON papers (day);
CREATE INDEX papers_uncategorised ON papers (seq) WHERE prim = '';

CREATE TABLE texts (
	seq          INTEGER PRIMARY KEY REFERENCES papers ON DELETE CASCADE,
	version      INTEGER NOT NULL,
	title        TEXT    NOT NULL,
	abstract     TEXT    NOT NULL,
	authors      TEXT    NOT NULL,
	categories   TEXT    NOT NULL,
	sources      TEXT    NOT NULL,
	published    TEXT    NOT NULL,
	comments     INTEGER,
	code         TEXT    NOT NULL,
	stars        INTEGER,
	project      TEXT    NOT NULL,
	summary      TEXT    NOT NULL,
	keywords     TEXT    NOT NULL,
	organization TEXT    NOT NULL,
	thumbnail    TEXT    NOT NULL,
	comment      TEXT    NOT NULL,
	journal      TEXT    NOT NULL,
	doi          TEXT    NOT NULL,
	link         TEXT    NOT NULL,
	withdrawn    INTEGER NOT NULL,
	seen         INTEGER NOT NULL
);

-- The words of core/text, joined by blanks; rowid is papers.seq. The tokenizer
-- splits at what is ASCII and no letter or digit, which no word contains.
CREATE VIRTUAL TABLE words USING fts5 (
	title, abstract, authors, cats, sources, has,
	content = '', contentless_delete = 1, tokenize = 'ascii'
);
-- 16 MB of words are gathered before they are written: fewer pieces to merge.
INSERT INTO words (words, rank) VALUES ('hashsize', 16777216);

CREATE TABLE sightings (
	paper    INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
	source   TEXT    NOT NULL,
	day      TEXT    NOT NULL,
	place    INTEGER NOT NULL, -- in the list, from 1; 0 where it has no order
	announce TEXT    NOT NULL,
	upvotes  INTEGER,
	PRIMARY KEY (paper, source, day)
) WITHOUT ROWID;
CREATE INDEX sightings_day ON sightings (day, paper);

CREATE TABLE channels (
	id           INTEGER PRIMARY KEY,
	platform     TEXT    NOT NULL,
	workspace    TEXT    NOT NULL,
	channel      TEXT    NOT NULL, -- as the platform calls it
	name         TEXT    NOT NULL,
	settings     TEXT    NOT NULL,
	schedule     TEXT    NOT NULL,
	set_up_by    TEXT    NOT NULL,
	owner        TEXT    NOT NULL,
	created      INTEGER NOT NULL,
	scheduled    INTEGER NOT NULL,
	paused_at    INTEGER NOT NULL,
	paused_until INTEGER NOT NULL,
	planned      INTEGER NOT NULL,
	last_due     INTEGER NOT NULL,
	hold         TEXT    NOT NULL,
	gone         INTEGER NOT NULL,
	UNIQUE (platform, workspace, channel)
);

CREATE TABLE topics (
	id       INTEGER PRIMARY KEY,
	channel  INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
	number   INTEGER NOT NULL,
	topic    TEXT    NOT NULL, -- as printed
	added_by TEXT    NOT NULL,
	added_at INTEGER NOT NULL,
	since    INTEGER NOT NULL,
	removed  INTEGER NOT NULL,
	UNIQUE (channel, number)
);

CREATE TABLE mutes (
	id       INTEGER PRIMARY KEY,
	channel  INTEGER REFERENCES channels ON DELETE CASCADE, -- null: a person's own
	person   TEXT    NOT NULL,
	kind     TEXT    NOT NULL,
	value    TEXT    NOT NULL,
	muted_by TEXT    NOT NULL,
	at       INTEGER NOT NULL,
	until    INTEGER NOT NULL
);
CREATE INDEX mutes_channel ON mutes (channel);
CREATE INDEX mutes_person ON mutes (person) WHERE channel IS NULL;

CREATE TABLE digests (
	id      INTEGER PRIMARY KEY,
	channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
	due     INTEGER NOT NULL,
	kind    TEXT    NOT NULL,
	header  TEXT    NOT NULL,
	thread  TEXT    NOT NULL,
	planned INTEGER NOT NULL,
	UNIQUE (channel, kind, due)
);

CREATE TABLE deliveries (
	channel      INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
	item         TEXT    NOT NULL,
	digest       INTEGER NOT NULL REFERENCES digests ON DELETE CASCADE,
	position     INTEGER NOT NULL,
	place        TEXT    NOT NULL,
	state        TEXT    NOT NULL,
	attempt      INTEGER NOT NULL,
	lease        INTEGER NOT NULL,
	conversation TEXT    NOT NULL,
	message      TEXT    NOT NULL,
	thread       TEXT    NOT NULL,
	reason       TEXT    NOT NULL,
	matched      TEXT    NOT NULL,
	late         INTEGER NOT NULL,
	shown        INTEGER NOT NULL,
	edited       TEXT    NOT NULL,
	folded       INTEGER NOT NULL,
	updated      INTEGER NOT NULL,
	PRIMARY KEY (channel, item)
);
CREATE INDEX deliveries_digest ON deliveries (digest, position);
CREATE INDEX deliveries_open ON deliveries (channel) WHERE state IN ('planned', 'held', 'sending');
CREATE INDEX deliveries_updated ON deliveries (channel, updated);
CREATE INDEX deliveries_item ON deliveries (item);
CREATE INDEX deliveries_message ON deliveries (channel, message) WHERE message <> '';

-- A reaction that was taken back stays, absent, so that an older event that
-- comes later does not bring it back.
CREATE TABLE reactions (
	channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
	message TEXT    NOT NULL,
	person  TEXT    NOT NULL,
	emoji   TEXT    NOT NULL,
	paper   TEXT    NOT NULL,
	kind    TEXT    NOT NULL,
	present INTEGER NOT NULL,
	ord     INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (channel, message, person, emoji)
);
CREATE INDEX reactions_votes ON reactions (paper, channel) WHERE present = 1;
CREATE INDEX reactions_at ON reactions (channel, at) WHERE present = 1;
CREATE INDEX reactions_person ON reactions (person);

CREATE TABLE saves (
	person TEXT    NOT NULL,
	paper  TEXT    NOT NULL,
	note   TEXT    NOT NULL,
	at     INTEGER NOT NULL,
	done   INTEGER NOT NULL,
	PRIMARY KEY (person, paper)
);

CREATE TABLE events (
	id TEXT    NOT NULL PRIMARY KEY,
	at INTEGER NOT NULL
);
CREATE INDEX events_at ON events (at);

CREATE TABLE sources (
	source       TEXT    NOT NULL PRIMARY KEY,
	word         TEXT    NOT NULL,
	reason       TEXT    NOT NULL,
	last_try     INTEGER NOT NULL,
	last_success INTEGER NOT NULL,
	last_new     INTEGER NOT NULL,
	newest       TEXT    NOT NULL,
	since        INTEGER NOT NULL,
	retry_at     INTEGER NOT NULL,
	told         INTEGER NOT NULL
);

CREATE TABLE notes (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);
