-- +goose Up

-- Who said what of a paper, as core.Tellers writes it, and since when the
-- publisher is to be asked for it ('': it is not).
ALTER TABLE texts ADD COLUMN tellers TEXT NOT NULL DEFAULT '{}';
ALTER TABLE papers ADD COLUMN unread TEXT NOT NULL DEFAULT '';
CREATE INDEX papers_unread ON papers (unread) WHERE unread <> '';

-- Of what is there nobody knows who said it. What no feed has touched is as
-- good as Hugging Face's, so that only arXiv replaces it and any version does;
-- what nobody listed came by import. What a feed listed it may have written over
-- as well: whoever knows better mends that, and arXiv is asked. A feed's own
-- entries are its own.
UPDATE texts SET tellers = '{"' || CASE
	WHEN seq IN (SELECT seq FROM papers WHERE id LIKE 'feed:%') THEN 'mention'
	WHEN sources = '[]' THEN 'copy'
	WHEN sources IN ('["arxiv"]', '["hf"]', '["arxiv","hf"]') THEN 'index'
	ELSE 'unsure' END || '":"title abstract authors categories published upvotes comments code project summary keywords organization thumbnail comment withdrawn journal doi link"}';
UPDATE papers SET unread = date('now') WHERE id NOT LIKE 'feed:%'
	AND seq IN (SELECT seq FROM texts WHERE tellers LIKE '{"unsure"%');
