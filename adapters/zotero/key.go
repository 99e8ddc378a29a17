package zotero

import (
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

// key is the library's key. *core.Refused, for this library alone, where it cannot be
// opened any more.
func (z *Zotero) key(l core.Library) (string, error) {
	text, is := strings.CutPrefix(l.Secret, sealed)
	if !is {
		return l.Secret, nil
	}
	err := errors.New("there is no key of ours")
	if z.Keys != nil {
		var raw []byte
		if raw, err = base64.RawStdEncoding.DecodeString(text); err == nil {
			var key string
			if key, _, err = z.Keys.Open(raw, belongs(l)); err == nil {
				return key, nil
			}
		}
	}
	return "", &core.Refused{Reason: "its key for Zotero cannot be opened: whoever runs me has changed [store] key; give the key again", Err: err}
}
