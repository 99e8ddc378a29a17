package text

import (
	"testing"

	"pgregory.net/rapid"
)

func TestHowFarAWordIsFromWhatWasMeant(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"diffusion", "diffusion", 0}, {"difusion", "diffusion", 1}, {"diffuison", "diffusion", 1}, {"diffusoin", "diffusion", 1},
		{"tranfomer", "transformer", 2}, {"", "abc", 3}, {"für", "fur", 1}, {"扩散", "扩张", 1}, {"ab", "ba", 1}, {"abc", "ca", 3},
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringMatching(`[abc]{0,7}`).Draw(t, "a"), rapid.StringMatching(`[abc]{0,7}`).Draw(t, "b")
		if d := Distance(a, b); d != Distance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) || d < max(len(a)-len(b), len(b)-len(a)) {
			t.Fatalf("%q and %q: %d", a, b, d)
		}
	})
}
