package core

import (
	"context"
	"time"
)

// Installed is what is kept of an installation: whether it is paused or gone and,
// where people installed the app themselves, what they granted. One that the
// configuration has the token of, and a server of Discord, need none: nothing is
// known of them then.
type Installed struct {
	Installation
	// Enterprise is the organisation that the workspace belongs to; "" for none.
	// Where it is the Workspace itself, the app was installed for the organisation:
	// what was granted there serves those of its workspaces that have no token of
	// their own.
	Enterprise string
	Name       string // "Vision Lab"
	BotUser    string // whom people mention there, as the platform calls it
	Scopes     []string
	Token      []byte    // sealed: nothing here is a secret by itself; empty where nothing was granted
	Refresh    []byte    // sealed: what a new Token is got with; empty where a Token has no end
	Expires    time.Time // of Token; zero: never
	Renewing   time.Time // since then a process gets a new Token; zero: none does
	By         string    // who installed it, as User.Key
	At         time.Time
	Paused     time.Time // since then nothing is fetched, posted or answered there; zero: it is not
	Gone       time.Time // since then the app is not there any more; zero: it is
}

// OrgWide reports whether the app was installed for a whole organisation.
func (i Installed) OrgWide() bool { return i.Enterprise != "" && i.Enterprise == i.Workspace }

// InstallationStore keeps what is known of installations.
type InstallationStore interface {
	// Installations are those of a platform, by workspace; "": of all, by platform first.
	Installations(ctx context.Context, platform string) ([]Installed, error)
	// InstallationOf is one of them; ErrNotFound where nothing is kept.
	InstallationOf(ctx context.Context, in Installation) (Installed, error)
	// UpdateInstallation changes what is kept of an installation, nothing yet if it is
	// new, under the store's lock; everything but platform and workspace may change.
	// When change fails nothing is kept.
	UpdateInstallation(ctx context.Context, in Installation, change func(*Installed) error) (Installed, error)
	// DropInstallation forgets it. One that is not there is no error.
	DropInstallation(ctx context.Context, in Installation) error
}
