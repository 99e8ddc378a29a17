package mcp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/internal/testkit"
)

// A session as an assistant has it: which tools there are, a search, why a paper came,
// the day's post. Each answer that was not asked to be longer is at most 2,000 tokens.
func TestASessionOfAnAssistant(t *testing.T) {
	l := newLab(t)
	var ids []core.PaperID
	papers, err := l.store.ChangedPapers(l.Context(), 0)
	l.ok(err)
	for _, p := range papers {
		if strings.Contains(strings.ToLower(p.Title), "agent") && len(ids) < 3 {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	l.posts(l.ml, "2026-04-28", ids...)
	a := l.asks(l.options(l.ml.ID))
	var b strings.Builder
	for tool, err := range a.Tools(l.Context(), nil) {
		l.ok(err)
		fmt.Fprintf(&b, "tool %s: %s\n", tool.Name, tool.Description)
	}
	for _, c := range []struct {
		tool string
		in   args
	}{{"search", args{"query": "agents that plan"}}, {"why", args{"id": ids[0]}}, {"digest", nil}} {
		text, data, failed := a.calls(c.tool, c.in)
		if n := tokens(text, data); failed || n > 2000 {
			t.Errorf("%s: failed %t, %d tokens", c.tool, failed, n)
		}
		fmt.Fprintf(&b, "\n> %s %v\n%s\n", c.tool, c.in, text)
	}
	testkit.LooksLike(t, "session.golden", []byte(b.String()))
}
