package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// reloadEvery is how long it takes at most until it is known what another process
// has installed or removed; what somebody does in a new workspace is known at once.
const reloadEvery = 30 * time.Second

// tenants are the workspaces that people installed the app in.
type tenants struct {
	mu   sync.RWMutex
	by   map[string]*workspace // by team
	orgs map[string]*grant     // of whole organisations, by enterprise
}

func (t *tenants) get(team string) *workspace {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.by[team]
}

// all are the workspaces, by team.
func (t *tenants) all() (there []*workspace) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, team := range slices.Sorted(maps.Keys(t.by)) {
		there = append(there, t.by[team])
	}
	return there
}

// anyOf is a workspace of an organisation that the app was installed for.
func (s *Slack) anyOf(enterprise string) *workspace {
	s.tenants.mu.RLock()
	defer s.tenants.mu.RUnlock()
	org := s.tenants.orgs[enterprise]
	for _, w := range s.tenants.by {
		if w.grant == org {
			return w
		}
	}
	if org == nil {
		return nil
	}
	return &workspace{app: &s.app, grant: org, self: identity{team: enterprise}}
}

// Load reads which workspaces there are, and seals anew what an older key sealed. It
// is called before Run where people install the app. Where no key opens what is kept,
// nothing is changed.
func (s *Slack) Load(ctx context.Context, store core.InstallationStore) error {
	if s.one != nil {
		return nil
	}
	s.store = store
	kept, err := store.Installations(ctx, Name)
	if err != nil {
		return err
	}
	closed := 0
	for _, i := range kept {
		if _, _, _, err := s.unseal(i); err != nil {
			closed++
		}
	}
	if closed > 0 {
		return fmt.Errorf("[store] key opens the tokens of %d of %d Slack workspaces; write the key that sealed the others behind it, with a comma between (nothing was changed)", len(kept)-closed, len(kept))
	}
	for _, i := range kept {
		if _, _, old, _ := s.unseal(i); !old {
			continue
		}
		if _, err := store.UpdateInstallation(ctx, i.Installation, func(i *core.Installed) error {
			token, refresh, _, err := s.unseal(*i)
			if err == nil {
				expires := i.Expires
				s.seal(i, token, refresh, 0)
				i.Expires = expires
			}
			return err
		}); err != nil {
			return err
		}
	}
	return s.reload(ctx)
}

// unseal opens what is kept of a workspace.
func (s *app) unseal(i core.Installed) (token, refresh string, old bool, err error) {
	token, oldToken, err := s.opt.Keys.Open(i.Token, belongs(i.Installation, "token"))
	refresh, oldRefresh, rerr := s.opt.Keys.Open(i.Refresh, belongs(i.Installation, "refresh"))
	return token, refresh, oldToken || oldRefresh, errors.Join(err, rerr)
}

// reload takes over what is kept of all workspaces.
func (s *Slack) reload(ctx context.Context) error {
	kept, err := s.store.Installations(ctx, Name)
	if err != nil {
		return err
	}
	// Those of organisations first: others may use what those have granted.
	slices.SortStableFunc(kept, func(a, b core.Installed) int { return rank(a) - rank(b) })
	var closed []string
	there := map[string]bool{}
	for _, i := range kept {
		there[i.Workspace] = true
		if err := s.admit(i); err != nil {
			closed = append(closed, i.Workspace)
		}
	}
	s.tenants.mu.Lock()
	defer s.tenants.mu.Unlock()
	for team := range maps.Keys(s.tenants.by) {
		if !there[team] {
			s.leave(team)
		}
	}
	if len(closed) > 0 {
		return fmt.Errorf("[store] key does not open the tokens of %d of %d Slack workspaces, %s among them: another process has sealed them with a key that this one does not have; give all processes the same keys", len(closed), len(kept), closed[0])
	}
	return nil
}

func rank(i core.Installed) int {
	if i.OrgWide() {
		return 0
	}
	return 1
}

// leave ends a workspace. The caller holds mu.
func (s *Slack) leave(team string) {
	w := s.tenants.by[team]
	if w == nil {
		return
	}
	delete(s.tenants.by, team)
	if !w.org { // what an organisation has granted serves others
		_ = w.token.Refuse(errNotOurs)
	}
}

// admit takes over what is kept of one workspace, or organisation.
func (s *Slack) admit(i core.Installed) error {
	s.tenants.mu.Lock()
	defer s.tenants.mu.Unlock()
	t := &s.tenants
	if t.by == nil {
		t.by, t.orgs = map[string]*workspace{}, map[string]*grant{}
	}
	var known *grant
	switch w := t.by[i.Workspace]; {
	case i.OrgWide():
		known = t.orgs[i.Workspace]
	case w != nil:
		known = w.grant
	}
	switch {
	case !i.Gone.IsZero():
		if i.OrgWide() {
			delete(t.orgs, i.Workspace)
		}
		s.leave(i.Workspace)
		return nil
	case len(i.Token) == 0: // as the organisation has it
		if org := t.orgs[i.Enterprise]; org == nil {
			s.leave(i.Workspace)
		} else if known != org {
			t.by[i.Workspace] = s.newWorkspace(i, org)
		}
		return nil
	case known != nil && known.is(i):
		return nil
	}
	token, _, _, err := s.unseal(i)
	if err != nil {
		return fmt.Errorf("%s: %w", i.Workspace, err)
	}
	g := s.newGrant(token, i)
	if !i.OrgWide() {
		t.by[i.Workspace] = s.newWorkspace(i, g)
		return nil
	}
	t.orgs[i.Workspace] = g
	for team, w := range t.by {
		if w.record.Installation == i.Installation {
			t.by[team] = s.newWorkspace(core.Installed{Installation: core.Installation{Platform: Name, Workspace: team}, BotUser: i.BotUser}, g)
		}
	}
	return nil
}

// is reports whether a grant is the one that is kept; where it was only renewed by
// another process it becomes that.
func (g *grant) is(kept core.Installed) bool {
	if g.token.Err() != nil && !kept.At.Equal(g.record.At) {
		return false
	}
	if !g.renewing.TryAcquire(1) {
		return true // whoever renews it takes over what comes of that
	}
	defer g.renewing.Release(1)
	switch {
	case bytes.Equal(g.record.Token, kept.Token):
		return true
	case !kept.At.Equal(g.record.At) || g.ends != (len(kept.Refresh) > 0):
		return false
	}
	return g.adopt(kept) == nil
}

func (s *Slack) newWorkspace(i core.Installed, g *grant) *workspace {
	return &workspace{app: &s.app, grant: g, self: identity{team: i.Workspace, user: i.BotUser}}
}

// within is the workspace that something is for, by the teams that it names, the
// likeliest first, and their organisation; nil where that is none of ours.
func (s *Slack) within(ctx context.Context, enterprise string, teams ...string) *workspace {
	if s.one != nil {
		return s.one
	}
	for _, team := range teams {
		if w := s.tenants.get(team); w != nil && w.token.Err() == nil {
			return w
		}
	}
	for _, team := range teams {
		if team == "" {
			continue
		}
		if err := s.find(ctx, team, enterprise); err != nil && !errors.Is(err, core.ErrNotFound) {
			s.log.Error("slack: asking for a workspace", "workspace", team, "err", err)
		}
		if w := s.tenants.get(team); w != nil && w.token.Err() == nil {
			return w
		}
	}
	return nil
}

// find takes over what another process may have installed, and a workspace whose
// organisation has.
func (s *Slack) find(ctx context.Context, team, enterprise string) error {
	in := core.Installation{Platform: Name, Workspace: team}
	kept, err := s.store.InstallationOf(ctx, in)
	if err == nil && kept.Gone.IsZero() && (len(kept.Token) > 0 || kept.Enterprise == "") {
		return s.admit(kept)
	}
	if err != nil && !errors.Is(err, core.ErrNotFound) || enterprise == "" {
		return err
	}
	org, err := s.store.InstallationOf(ctx, core.Installation{Platform: Name, Workspace: enterprise})
	if err != nil || !org.OrgWide() || !org.Gone.IsZero() {
		return err
	}
	if err := s.admit(org); err != nil {
		return err
	}
	kept, err = s.store.UpdateInstallation(ctx, in, func(i *core.Installed) error {
		if i.At.IsZero() || !i.Gone.IsZero() {
			i.At = time.Now()
		}
		i.Enterprise, i.BotUser, i.Gone, i.Token, i.Refresh = enterprise, org.BotUser, time.Time{}, nil, nil
		return nil
	})
	if err == nil {
		err = s.admit(kept)
	}
	return err
}

// removed ends a workspace that took the app off, at a time by Slack's clock, or all
// of an organisation's. Of before the app was installed anew it says nothing.
func (s *Slack) removed(ctx context.Context, w *workspace, all bool, at time.Time) error {
	if err := w.renewing.Acquire(ctx, 1); err != nil {
		return err
	}
	of := w.record
	w.renewing.Release(1)
	if at.Before(of.At) {
		return nil
	}
	teams := []string{w.self.team}
	if all && of.OrgWide() {
		teams = nil
		s.tenants.mu.RLock()
		for team, other := range s.tenants.by {
			if other.grant == w.grant {
				teams = append(teams, team)
			}
		}
		s.tenants.mu.RUnlock()
		teams = append(teams, of.Workspace)
	}
	var errs []error
	for _, team := range teams {
		s.log.Info("slack: the app was removed", "workspace", team)
		errs = append(errs, s.bot.Removed(ctx, core.Installation{Platform: Name, Workspace: team}))
	}
	s.tenants.mu.Lock()
	defer s.tenants.mu.Unlock()
	for _, team := range teams {
		s.leave(team)
		delete(s.tenants.orgs, team)
	}
	return errors.Join(errs...)
}

// revoked ends workspaces from which their organisation took the app off, at a time by
// Slack's clock; the organisation's others go on, and so does one that has granted
// something itself. Of before a workspace came back it says nothing.
func (s *Slack) revoked(ctx context.Context, teams []string, at time.Time) error {
	if s.one != nil {
		return nil
	}
	var errs []error
	for _, team := range teams {
		in := core.Installation{Platform: Name, Workspace: team}
		kept, err := s.store.InstallationOf(ctx, in)
		switch {
		case errors.Is(err, core.ErrNotFound):
		case err != nil:
			errs = append(errs, err)
		case kept.Enterprise == "" || len(kept.Token) > 0 || at.Before(kept.At):
		default:
			errs = append(errs, s.bot.Removed(ctx, in))
			s.tenants.mu.Lock()
			s.leave(team)
			s.tenants.mu.Unlock()
		}
	}
	return errors.Join(errs...)
}

// keepUp takes over, until the context ends, what other processes install and remove.
func (s *Slack) keepUp(ctx context.Context) {
	for kit.Sleep(ctx, reloadEvery) == nil {
		if err := s.reload(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("slack: asking which workspaces there are", "err", err)
		}
	}
}
