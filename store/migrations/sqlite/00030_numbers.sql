-- +goose Up

-- A number is given once, as in PostgreSQL: what stands on a button or in a link must
-- not be about a later row when its own is gone. Making these tables anew would delete
-- all that refers to them, so only their text is changed; what is on the disk is the same
-- for both (https://www.sqlite.org/lang_altertable.html, https://www.sqlite.org/autoinc.html).
-- The first table of this kind makes the one in which SQLite counts, and the last
-- statement tells everybody else that the schema is another one.
CREATE TABLE first (id INTEGER PRIMARY KEY AUTOINCREMENT);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'INTEGER PRIMARY KEY', 'INTEGER PRIMARY KEY AUTOINCREMENT')
	WHERE type = 'table' AND name IN ('channels', 'topics', 'mutes', 'digests');
PRAGMA writable_schema = RESET;

-- Which numbers were given until now nobody knows, but that there were not a thousand
-- above those that are there. Nothing was given where there is no channel.
INSERT INTO sqlite_sequence (name, seq)
	SELECT n.name, n.seq + 1000 FROM (
		SELECT 'channels' AS name, max(id) AS seq FROM channels
		UNION ALL SELECT 'topics', coalesce(max(id), 0) FROM topics
		UNION ALL SELECT 'mutes', coalesce(max(id), 0) FROM mutes
		UNION ALL SELECT 'digests', coalesce(max(id), 0) FROM digests
	) n WHERE EXISTS (SELECT 1 FROM channels);

DROP TABLE first;
