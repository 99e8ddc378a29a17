package kit

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestWhatIsSealed(t *testing.T) {
	keys := func(list string) *Keys {
		k, err := NewKeys(list)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a, b := strings.Repeat("a", LeastKey), strings.Repeat("b", LeastKey)
	old, both, young := keys(a), keys(" "+b+" , "+a), keys(b)
	sealed := old.Seal("xoxb-1", "slack/T1/token")
	if bytes.Contains(sealed, []byte("xoxb")) || bytes.Equal(sealed, old.Seal("xoxb-1", "slack/T1/token")) {
		t.Error("it can be read, or told from another")
	}
	for name, tc := range map[string]struct {
		k       *Keys
		sealed  []byte
		belongs string
		want    string
		old     bool
		err     error
	}{
		"its key":             {old, sealed, "slack/T1/token", "xoxb-1", false, nil},
		"behind another":      {both, sealed, "slack/T1/token", "xoxb-1", true, nil},
		"the first one seals": {young, both.Seal("xoxb-2", "x"), "x", "xoxb-2", false, nil},
		"another key":         {young, sealed, "slack/T1/token", "", false, ErrKey},
		"another row":         {old, sealed, "slack/T2/token", "", false, ErrKey},
		"another column":      {old, sealed, "slack/T1/refresh", "", false, ErrKey},
		"cut off":             {old, sealed[:5], "slack/T1/token", "", false, ErrKey},
		"nothing":             {old, nil, "slack/T1/token", "", false, nil},
	} {
		got, isOld, err := tc.k.Open(tc.sealed, tc.belongs)
		if got != tc.want || isOld != tc.old || !errors.Is(err, tc.err) {
			t.Errorf("%s: %q, old %v, %v", name, got, isOld, err)
		}
	}
	if _, err := NewKeys(a + ",short"); err == nil || strings.Contains(err.Error(), "short,") {
		t.Errorf("a short key: %v", err)
	}
	if k, err := NewKeys(" , "); k != nil || err != nil {
		t.Errorf("none: %v, %v", k, err)
	}
}
