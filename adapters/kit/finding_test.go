package kit

import (
	"encoding/json"
	"testing"
)

func TestAFindingIsPrintedAsPromised(t *testing.T) {
	raw, err := json.Marshal([]Finding{
		OK("slack", "Lab, as @paperboy"), Off("discord", "no token", ""),
		Warning("slack scopes", "missing: users:read", "reinstall"), Failed("clock", "is 5m0s off", "set it"),
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"check":"slack","state":"ok","detail":"Lab, as @paperboy"},` +
		`{"check":"discord","state":"off","detail":"no token"},` +
		`{"check":"slack scopes","state":"warning","detail":"missing: users:read","fix":"reinstall"},` +
		`{"check":"clock","state":"failed","detail":"is 5m0s off","fix":"set it"}]`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}
