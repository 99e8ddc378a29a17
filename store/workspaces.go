package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"paperboy/core"
)

// Workspaces implements core.WorkspaceStore.
func (s *Store) Workspaces(ctx context.Context, since time.Time) (workspaces []core.Workspace, err error) {
	err = s.read(ctx, "listing workspaces", func(t tx) error {
		found, err := all(t, func(w *core.Workspace) []any {
			return []any{&w.Platform, &w.Workspace, &w.Channels, &w.Follow, &w.Topics, &w.Most, &w.Messages, millis{&w.LastPost}, millis{&w.Gone}}
		}, `SELECT platform, workspace, count(CASE WHEN gone = 0 THEN 1 END),
				count(CASE WHEN follows_now > 0 THEN 1 END), CAST(sum(follows_now) AS BIGINT), max(follows_now),
				CAST(sum((SELECT count(*) FROM deliveries d WHERE d.channel = c.id AND d.updated >= $1 AND d.state = 'posted' AND d.place <> 'digest')) AS BIGINT),
				max(coalesce((SELECT d.updated FROM deliveries d WHERE d.channel = c.id AND d.state = 'posted' ORDER BY d.updated DESC LIMIT 1), 0)),
				CASE WHEN min(gone) = 0 THEN 0 ELSE max(gone) END
			FROM (SELECT id, platform, workspace, gone, (SELECT count(*) FROM topics t WHERE t.channel = o.id AND t.removed = 0 AND o.gone = 0) AS follows_now FROM channels o) c
			GROUP BY platform, workspace`, ms(since))
		if err != nil {
			return err
		}
		kept, err := all(t, installationPlaces, selectInstallation)
		if err != nil {
			return err
		}
		of := map[core.Installation]*core.Workspace{}
		for i := range found {
			of[found[i].Installation] = &found[i]
		}
		for _, i := range kept {
			if of[i.Installation] == nil {
				of[i.Installation] = &core.Workspace{Installation: i.Installation, Gone: i.Gone}
			}
			w := of[i.Installation]
			w.Name, w.Paused = i.Name, i.Paused
		}
		workspaces = nil
		for _, w := range of {
			workspaces = append(workspaces, *w)
		}
		slices.SortFunc(workspaces, func(a, b core.Workspace) int {
			return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Installation.Workspace, b.Installation.Workspace))
		})
		return nil
	})
	return workspaces, err
}

// knows is ErrNotFound where an installation has no channel and nothing is kept of it.
func (t tx) knows(in core.Installation) error {
	var known bool
	err := t.one([]any{&known}, `SELECT EXISTS (SELECT 1 FROM channels WHERE platform = $1 AND workspace = $2)
		OR EXISTS (SELECT 1 FROM installations WHERE platform = $1 AND workspace = $2)`, in.Platform, in.Workspace)
	if err == nil && !known {
		err = core.ErrNotFound
	}
	return err
}

// PauseWorkspace implements core.WorkspaceStore.
func (s *Store) PauseWorkspace(ctx context.Context, in core.Installation, at time.Time) error {
	if err := s.read(ctx, "looking for a workspace", func(t tx) error { return t.knows(in) }); err != nil {
		return err
	}
	_, err := s.UpdateInstallation(ctx, in, func(i *core.Installed) error {
		if i.Paused.IsZero() {
			i.Paused = at
		}
		return nil
	})
	return err
}

// ResumeWorkspace implements core.WorkspaceStore.
func (s *Store) ResumeWorkspace(ctx context.Context, in core.Installation) error {
	return s.write(ctx, "resuming a workspace", func(t tx) error {
		if err := t.knows(in); err != nil {
			return err
		}
		n, err := t.exec(`UPDATE installations SET paused = 0 WHERE platform = $1 AND workspace = $2 AND paused <> 0`, in.Platform, in.Workspace)
		if err != nil || n == 0 {
			return err
		}
		// Whoever was sending there has let go of it in the midst of a post.
		_, err = t.exec(`UPDATE channels SET next_send = 1 WHERE platform = $1 AND workspace = $2 AND gone = 0 AND next_send = 0
			AND EXISTS (SELECT 1 FROM deliveries d WHERE d.channel = channels.id AND d.state IN ('planned', 'held', 'sending'))`, in.Platform, in.Workspace)
		return err
	})
}

// WorkspacePaused implements core.WorkspaceStore.
func (s *Store) WorkspacePaused(ctx context.Context, in core.Installation) (paused bool, err error) {
	err = s.read(ctx, "asking whether a workspace is paused", func(t tx) error {
		paused, err = t.paused(in)
		return err
	})
	return paused, err
}

func (t tx) paused(in core.Installation) (paused bool, err error) {
	err = t.one([]any{&paused}, `SELECT EXISTS (SELECT 1 FROM installations WHERE platform = $1 AND workspace = $2 AND paused <> 0)`, in.Platform, in.Workspace)
	return paused, err
}

// DeleteWorkspace implements core.WorkspaceStore.
func (s *Store) DeleteWorkspace(ctx context.Context, in core.Installation) error {
	return s.write(ctx, "deleting a workspace", func(t tx) error {
		if err := t.knows(in); err != nil {
			return err
		}
		if err := t.deleteChannels(`platform = $1 AND workspace = $2`, in.Platform, in.Workspace); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM installations WHERE platform = $1 AND workspace = $2`, in.Platform, in.Workspace); err != nil {
			return err
		}
		return t.forgetWorkspace(in)
	})
}

// deleteChannels deletes channels with all that hangs on them.
func (t tx) deleteChannels(which string, args ...any) error {
	if _, err := t.exec(`DELETE FROM notes WHERE name IN (SELECT 'sample/' || id FROM channels WHERE `+which+`)`, args...); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM channels WHERE `+which, args...)
	return err
}

// forgetWorkspace deletes what there is of an installation beside its channels, where it
// has none any more: its people, where their keys are the workspace's own; and with the
// last workspace of a platform those whose keys are the platform's.
func (t tx) forgetWorkspace(in core.Installation) error {
	var here, anywhere bool
	if err := t.one([]any{&here, &anywhere}, `SELECT EXISTS (SELECT 1 FROM channels WHERE platform = $1 AND workspace = $2),
		EXISTS (SELECT 1 FROM channels WHERE platform = $1 AND workspace <> '')`, in.Platform, in.Workspace); err != nil {
		return err
	}
	if !here {
		if err := t.forgetEvents(in); err != nil {
			return err
		}
	}
	if in.Workspace == "" {
		return nil // direct messages of people who are elsewhere too
	}
	if !here {
		if err := t.forgetPeople(in.Platform+":"+in.Workspace+"/", false); err != nil {
			return err
		}
	}
	if !anywhere {
		if err := t.deleteChannels(`platform = $1`, in.Platform); err != nil { // direct messages
			return err
		}
		if err := t.forgetEvents(core.Installation{Platform: in.Platform}); err != nil {
			return err
		}
		return t.forgetPeople(in.Platform+":", true)
	}
	return nil
}

// forgetEvents deletes the ids of an installation's requests.
func (t tx) forgetEvents(in core.Installation) error {
	_, err := t.exec(`DELETE FROM events WHERE id >= $1 AND id < $2`, "request/"+in.Platform+"/"+in.Workspace+"/", "request/"+in.Platform+"/"+in.Workspace+"0")
	return err
}

// forgetPeople deletes what people have for themselves, and blanks their names where
// they stand, by how their keys begin; alone: of those only that name no workspace.
func (t tx) forgetPeople(keys string, alone bool) error {
	last := len(keys) - 1
	after := keys[:last] + string(rune(keys[last]+1)) // what comes after all that begin so
	for _, of := range []struct{ column, do string }{
		{"person", `DELETE FROM saves`},
		{"person", `DELETE FROM searches`},
		{"person", `DELETE FROM reactions`},
		{"person", `DELETE FROM mutes`},
		{"person", `DELETE FROM passes`},
		{"person", `DELETE FROM subjects`},
		{"owner", `DELETE FROM channels`},
		{"added_key", `UPDATE topics SET added_by = '', added_key = ''`},
		{"muted_key", `UPDATE mutes SET muted_by = '', muted_key = ''`},
		{"made_key", `UPDATE links SET made_by = '', made_key = ''`},
		{"installed_by", `UPDATE installations SET installed_by = ''`},
		{"owner", `UPDATE channels SET set_up_by = '', owner = ''`},
	} {
		q := of.do + ` WHERE ` + of.column + ` >= $1 AND ` + of.column + ` < $2`
		if alone {
			q += ` AND ` + of.column + ` NOT LIKE '%/%'`
		}
		if of.do == `DELETE FROM channels` {
			q += ` AND follows IS NOT NULL`
		}
		if _, err := t.exec(q, keys, after); err != nil {
			return err
		}
	}
	return nil
}
