package kit

import (
	"errors"
	"testing"

	"paperboy/core"
)

func TestATokenIsRefusedOnceAndForEver(t *testing.T) {
	var token Token
	before := token.Refused()
	if err := token.Err(); err != nil {
		t.Errorf("nobody refused it: %v", err)
	}
	select {
	case <-before:
		t.Error("nobody refused it")
	default:
	}
	first := errors.New("revoked")
	for _, err := range []error{first, errors.New("also this")} {
		if got := token.Refuse(err); !errors.Is(got, first) || !core.Is[*core.Unauthorised](got) || token.Err() != got {
			t.Errorf("refused with %v: %v", err, got)
		}
	}
	<-before
	<-token.Refused()
}
