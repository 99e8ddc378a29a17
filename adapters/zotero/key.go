package zotero

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"paperboy/core"
)

// sealed begins a key that is kept sealed; what follows is the seal in base64. One that
// was given while [store] key was empty is kept as it is.
const sealed = "sealed:"

// seal is the library with its key as it is kept.
func (z *Zotero) seal(l core.Library) core.Library {
	if z.Keys != nil {
		l.Secret = sealed + base64.RawStdEncoding.EncodeToString(z.Keys.Seal(l.Secret, belongs(l)))
	}
	return l
}

// belongs says what a key was sealed for: it opens for no other library.
func belongs(l core.Library) string { return Name + "/" + l.Path }

// Load seals what another than the first key sealed, or none, with the first, so that
// the others may be taken out. What no key opens stays as it is.
func (z *Zotero) Load(ctx context.Context) error {
	if z.Keys == nil {
		return nil
	}
	kept, err := z.Store.Libraries(ctx)
	if err != nil {
		return err
	}
	for _, l := range kept {
		was := l.Secret
		key, stale, err := z.open(l)
		if err != nil || !stale {
			continue
		}
		l.Secret = key
		if err := z.Store.ReplaceSecret(ctx, l.Channel, was, z.seal(l).Secret); err != nil {
			return err
		}
	}
	return nil
}

// key is the library's key. *core.Refused, for this library alone, where it cannot be
// opened any more.
func (z *Zotero) key(l core.Library) (string, error) {
	key, _, err := z.open(l)
	if err != nil {
		return "", &core.Refused{Reason: "its key for Zotero cannot be opened: whoever runs me has changed [store] key; give the key again", Err: err}
	}
	return key, nil
}

// open is the library's key in the clear. stale: it is not kept as the first key of ours
// would seal it.
func (z *Zotero) open(l core.Library) (key string, stale bool, err error) {
	text, is := strings.CutPrefix(l.Secret, sealed)
	if !is {
		return l.Secret, true, nil
	}
	if z.Keys == nil {
		return "", false, errors.New("there is no key of ours")
	}
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", false, err
	}
	return z.Keys.Open(raw, belongs(l))
}
