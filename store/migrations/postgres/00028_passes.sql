-- +goose Up

-- Who is signed in on the page, by the hash of a secret, and whom the subjects of an
-- OpenID provider are in the chat.
CREATE TABLE passes (
	secret  TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
	purpose TEXT COLLATE "C"    NOT NULL,
	person  TEXT COLLATE "C"    NOT NULL,
	name    TEXT COLLATE "C"    NOT NULL,
	until   BIGINT  NOT NULL
);
CREATE INDEX passes_until ON passes (until);
CREATE INDEX passes_person ON passes (person);

CREATE TABLE subjects (
	issuer  TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	person  TEXT COLLATE "C" NOT NULL,
	name    TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (issuer, subject)
);
CREATE INDEX subjects_person ON subjects (person);
