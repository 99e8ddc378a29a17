package core

import (
	"testing"
	"time"
)

// The most that a list ever had is its count, and an earlier list in its place is
// remembered with its time, also once the right one has come.
func TestWhatIsHeardOfAList(t *testing.T) {
	at := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	var l List
	for i, news := range []List{{Count: 3}, {Again: "2026-11-20", Due: true}, {Again: "2026-11-20"}, {Count: 9}, {Count: 7}} {
		l = l.Heard(news, at.Add(time.Duration(i)*time.Hour))
	}
	if l.Count != 9 || l.Again != "2026-11-20" || !l.Due || !l.Since.Equal(at.Add(time.Hour)) || !l.Until.Equal(at.Add(3*time.Hour)) {
		t.Errorf("%+v", l)
	}
}
