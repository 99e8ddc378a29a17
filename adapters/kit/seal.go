package kit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"strings"
)

// LeastKey is how many characters a key has at least: what `openssl rand -base64 32`
// prints has 44.
const LeastKey = 32

// Keys seal what must not lie about in the clear, with AES-256-GCM. The first seals,
// all open: so a key is replaced by putting another before it, until nothing is left
// that the old one sealed. They are safe for concurrent use.
type Keys struct{ all []cipher.AEAD }

// ErrKey: none of the keys opens it, or it was sealed for something else.
var ErrKey = errors.New("no key opens it")

// NewKeys takes keys as they are configured, separated by commas. One that is
// shorter than LeastKey is refused; none is nil.
func NewKeys(list string) (*Keys, error) {
	var k Keys
	for text := range strings.SplitSeq(list, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if len(text) < LeastKey {
			return nil, errors.New("a key has fewer than 32 characters; take what `openssl rand -base64 32` prints")
		}
		key, err := hkdf.Key(sha256.New, []byte(text), nil, "paperboy: what is kept sealed", 32)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		k.all = append(k.all, aead)
	}
	if len(k.all) == 0 {
		return nil, nil
	}
	return &k, nil
}

// Seal seals a secret for what it belongs to: it opens for nothing else. An empty
// one stays empty.
func (k *Keys) Seal(secret, belongs string) []byte {
	if secret == "" {
		return nil
	}
	return k.all[0].Seal(nil, nil, []byte(secret), []byte(belongs))
}

// Open opens what was sealed for that. old: by a key that is not the first, and it
// should be sealed anew. ErrKey where no key opens it.
func (k *Keys) Open(sealed []byte, belongs string) (secret string, old bool, err error) {
	if len(sealed) == 0 {
		return "", false, nil
	}
	for i, aead := range k.all {
		if text, err := aead.Open(nil, nil, sealed, []byte(belongs)); err == nil {
			return string(text), i > 0, nil
		}
	}
	return "", false, ErrKey
}
