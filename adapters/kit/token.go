package kit

import (
	"sync"

	"paperboy/core"
)

// Token is whether a platform takes our token. Once it was refused it is for
// ever: nothing is tried with it any more until somebody starts the program
// anew. Its zero value is one that nobody refused.
type Token struct {
	mu   sync.Mutex
	err  error
	over chan struct{}
}

// Refuse notes the first refusal, and says it as core.Unauthorised.
func (t *Token) Refuse(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = &core.Unauthorised{Err: err}
		close(t.done())
	}
	return t.err
}

// Err is nil until the token was refused, and then why.
func (t *Token) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Refused is closed when the token is refused.
func (t *Token) Refused() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done()
}

func (t *Token) done() chan struct{} {
	if t.over == nil {
		t.over = make(chan struct{})
	}
	return t.over
}
