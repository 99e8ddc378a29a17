-- +goose Up

-- Who is signed in on the page, by the hash of a secret, and whom the subjects of an
-- OpenID provider are in the chat.
CREATE TABLE passes (
	secret  TEXT    NOT NULL PRIMARY KEY,
	purpose TEXT    NOT NULL,
	person  TEXT    NOT NULL,
	name    TEXT    NOT NULL,
	until   INTEGER NOT NULL
);
CREATE INDEX passes_until ON passes (until);
CREATE INDEX passes_person ON passes (person);

CREATE TABLE subjects (
	issuer  TEXT NOT NULL,
	subject TEXT NOT NULL,
	person  TEXT NOT NULL,
	name    TEXT NOT NULL,
	PRIMARY KEY (issuer, subject)
);
CREATE INDEX subjects_person ON subjects (person);
