-- +goose Up

-- What only one process may do at a time, and who does it: core.Leases.
CREATE TABLE leases (
	name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	owner TEXT COLLATE "C" NOT NULL REFERENCES owners ON DELETE CASCADE
);
CREATE INDEX leases_owner ON leases (owner);
