-- +goose Up

-- Since when a message may be out there, and whether it has still to be edited.
ALTER TABLE deliveries ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN outdated INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_outdated ON deliveries (channel) WHERE outdated = 1;

-- Whether somebody who may set the channel up has been told how.
ALTER TABLE channels ADD COLUMN greeted INTEGER NOT NULL DEFAULT 0;

-- Whether the channel itself is gone, and does not come back with its workspace.
ALTER TABLE channels ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
