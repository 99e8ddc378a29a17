-- +goose Up

-- Installations take turns, and of each what is longest due goes first: which
-- installation comes next, and what of it, is looked up and not scanned for.
CREATE INDEX channels_due_turns    ON channels (platform, workspace, next_due, id)  WHERE next_due  <> 0;
CREATE INDEX channels_send_turns   ON channels (platform, workspace, next_send, id) WHERE next_send <> 0;
CREATE INDEX channels_reread_turns ON channels (platform, workspace, reread, id)    WHERE reread    <> 0;
