package core

import (
	"context"
	"time"
)

// Workspace is an installation as an operator sees it.
type Workspace struct {
	Installation
	Name     string    // "Vision Lab"; "" where nobody told it
	Channels int       // that we are in
	Follow   int       // of them, those that follow something
	Topics   int       // that they follow
	Most     int       // topics of the channel that follows the most
	Messages int       // posted since the moment that was asked for
	LastPost time.Time // zero: there was none
	Paused   time.Time // by an operator, since then; zero: it is not
	Gone     time.Time // we are in none of its channels any more, since then; zero: we are in one
}

// Quota is what one installation may have of us and ask of us, so that none costs the
// others. 0 is no limit. What is there when a quota is lowered stays.
type Quota struct {
	Channels int // that follow something; direct messages, which are nobody's installation, have no limit
	Topics   int // of a channel
	Commands int // in a minute, of each process
}

// DefaultQuota is what no lab and no community of 20,000 people comes near.
func DefaultQuota() Quota { return Quota{Channels: 1000, Topics: 50, Commands: 600} }

// WorkspaceStore is what an operator can do with installations, beside the processes
// that work on the store.
type WorkspaceStore interface {
	// Workspaces are all that have a channel, or of which something is kept, by platform
	// and workspace.
	Workspaces(ctx context.Context, since time.Time) ([]Workspace, error)
	// PauseWorkspace has nothing of it be due any more: what was begun is finished, and
	// nothing else is planned, sent or edited until ResumeWorkspace. What was open goes on
	// then, and the posts that were missed come as one. ErrNotFound where it is not among them.
	PauseWorkspace(ctx context.Context, in Installation, at time.Time) error
	ResumeWorkspace(ctx context.Context, in Installation) error
	WorkspacePaused(ctx context.Context, in Installation) (bool, error)
	// DeleteWorkspace deletes it with all that hangs on it, at once: its channels, and what
	// its people have anywhere; with the last workspace of a platform what people have whose
	// keys name none; and what was granted. Nothing of it is left in any table. ErrNotFound
	// where there was nothing.
	DeleteWorkspace(ctx context.Context, in Installation) error
}
