package store

import (
	"context"
	"time"

	"paperboy/core"
)

const installationColumns = `platform, workspace, enterprise, name, bot_user, scopes, token, refresh, expires, renewing, installed_by, installed, paused, gone`

const selectInstallation = `SELECT ` + installationColumns + ` FROM installations `

func installationPlaces(i *core.Installed) []any {
	return []any{&i.Platform, &i.Workspace, &i.Enterprise, &i.Name, &i.BotUser, list{&i.Scopes}, &i.Token, &i.Refresh, millis{&i.Expires}, millis{&i.Renewing},
		&i.By, millis{&i.At}, millis{&i.Paused}, millis{&i.Gone}}
}

func (t tx) installation(in core.Installation) (i core.Installed, err error) {
	err = t.one(installationPlaces(&i), selectInstallation+`WHERE platform = $1 AND workspace = $2`, in.Platform, in.Workspace)
	return i, err
}

// Installations implements core.InstallationStore.
func (s *Store) Installations(ctx context.Context, platform string) (found []core.Installed, err error) {
	err = s.read(ctx, "reading installations", func(t tx) error {
		if platform == "" {
			found, err = all(t, installationPlaces, selectInstallation+`ORDER BY platform, workspace`)
		} else {
			found, err = all(t, installationPlaces, selectInstallation+`WHERE platform = $1 ORDER BY workspace`, platform)
		}
		return err
	})
	return found, err
}

// InstallationOf implements core.InstallationStore.
func (s *Store) InstallationOf(ctx context.Context, in core.Installation) (i core.Installed, err error) {
	err = s.read(ctx, "reading an installation", func(t tx) error {
		i, err = t.installation(in)
		return err
	})
	return i, err
}

// UpdateInstallation implements core.InstallationStore. change must not write to
// the store: it would wait for itself.
func (s *Store) UpdateInstallation(ctx context.Context, in core.Installation, change func(*core.Installed) error) (i core.Installed, err error) {
	err = s.write(ctx, "changing an installation", func(t tx) error {
		if i, err = t.installation(in); ignoring(err) != nil {
			return err
		}
		if err := change(&i); err != nil {
			return err
		}
		i.Installation = in
		if _, err := t.exec(`INSERT INTO installations (`+installationColumns+`) VALUES (`+places(installationColumns)+`)
			ON CONFLICT (platform, workspace) DO UPDATE SET enterprise = $3, name = $4, bot_user = $5, scopes = $6, token = $7, refresh = $8,
			expires = $9, renewing = $10, installed_by = $11, installed = $12, paused = $13, gone = $14`,
			i.Platform, i.Workspace, i.Enterprise, i.Name, i.BotUser, list{&i.Scopes}, orNothing(i.Token), orNothing(i.Refresh), ms(i.Expires), ms(i.Renewing),
			i.By, ms(i.At), ms(i.Paused), ms(i.Gone)); err != nil {
			return err
		}
		i, err = t.installation(in) // as it is kept
		return err
	})
	return i, err
}

// goneInstallation marks what is kept of one gone, or back: who was gone already
// keeps the day, and nobody needs what was granted there any more.
func (t tx) goneInstallation(in core.Installation, now time.Time) error {
	q, args := `UPDATE installations SET gone = 0 WHERE platform = $1 AND workspace = $2`, []any{in.Platform, in.Workspace}
	if !now.IsZero() {
		q = `UPDATE installations SET gone = CASE WHEN gone = 0 THEN $3 ELSE gone END, token = $4, refresh = $4, expires = 0, renewing = 0 WHERE platform = $1 AND workspace = $2`
		args = append(args, ms(now), []byte{})
	}
	_, err := t.exec(q, args...)
	return err
}

// orNothing are bytes for a column that has no NULL.
func orNothing(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// DropInstallation implements core.InstallationStore.
func (s *Store) DropInstallation(ctx context.Context, in core.Installation) error {
	return s.write(ctx, "dropping an installation", func(t tx) error {
		_, err := t.exec(`DELETE FROM installations WHERE platform = $1 AND workspace = $2`, in.Platform, in.Workspace)
		return err
	})
}
