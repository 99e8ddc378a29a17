-- +goose Up

-- When the votes on a message's buttons have to be shown (0: they are), and when
-- they last were.
ALTER TABLE deliveries ADD COLUMN count_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN counted  INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_count ON deliveries (count_at) WHERE count_at <> 0;

-- A button's vote names its paper, since one message may hold several.
UPDATE reactions SET emoji = emoji || ':' || paper WHERE emoji LIKE 'button:%';
