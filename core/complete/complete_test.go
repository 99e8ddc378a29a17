package complete_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/complete"
	"paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/core/verbs"
	"paperboy/store"
)

// desk is where ana types, before a store with papers of the last days.
type desk struct {
	*testing.T
	*complete.Completer
	store *store.Store
	complete.Where
}

func newDesk(t *testing.T, titles map[string]int) *desk {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "paperboy.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var seen []core.Seen
	for title, n := range titles {
		for range n {
			seen = append(seen, core.Seen{Paper: core.Paper{ID: core.PaperID(fmt.Sprintf("2611.%05d", len(seen))), Title: title, Categories: []string{"cs.LG"}},
				Sighting: core.Sighting{Source: "hf", Day: "2026-11-20"}, Authority: core.Index})
		}
	}
	if _, err := st.PutPapers(t.Context(), seen, true, now); err != nil {
		t.Fatal(err)
	}
	ch, err := st.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "web", Workspace: "W", ID: "ml"}, Settings: core.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{
		T: t, store: st, Completer: &complete.Completer{Store: st, Query: &query.Reader{Store: st, Now: func() time.Time { return now }}, Log: slog.New(slog.DiscardHandler)},
		Where: complete.Where{Channel: ch, Network: core.Network{Named: true, Limits: core.Limits{Choices: 25}}, User: core.User{Key: "web:ana"}, Now: now},
	}
}

// A search is typed without its verb too; what is followed stands there once.
func TestASearchIsCompletedWithoutItsVerb(t *testing.T) {
	d := newDesk(t, map[string]int{"Diffusion": 20})
	d.follows("diffusion")
	for _, line := range []string{"dif", "search dif", "subscribe dif"} {
		var labels []string
		for _, c := range d.Complete(t.Context(), d.Where, core.Partial{Text: line}) {
			if strings.HasSuffix(c.Value, "diffusion") {
				labels = append(labels, c.Label)
			}
		}
		if len(labels) != 1 {
			t.Errorf("%q goes on as %q", line, labels)
		}
	}
	if out := d.Complete(t.Context(), d.Where, core.Partial{Text: "sub"}); len(out) != 1 || out[0].Label != "subscribe" {
		t.Errorf("a verb goes on as %v", out)
	}
}

func (d *desk) follows(text string) {
	d.Helper()
	t, err := topic.Parse(text)
	if err == nil {
		_, err = d.store.AddTopic(d.Context(), d.Channel.ID, t, core.User{Name: "ana"}, d.Now)
	}
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) asks(words string) {
	d.Helper()
	if err := d.store.Remember(d.Context(), d.User.Key, words, d.Now); err != nil {
		d.Fatal(err)
	}
}

// offered are the labels for what is typed into an option.
func (d *desk) offered(verb, option, typed string) (labels []string) {
	d.Helper()
	for _, c := range d.Complete(d.Context(), d.Where, core.Partial{Verb: verb, Option: option, Value: typed}) {
		labels = append(labels, c.Label)
	}
	return labels
}

func TestWhatIsOfferedForWords(t *testing.T) {
	d := newDesk(t, map[string]int{"Diffusion of lamps": 5, "Different lamps": 3, "Difficult diffusion": 2, "Robots": 1})
	d.follows("diffusion -video")
	d.follows("robot*")
	d.asks("search lamp since:7d")
	d.asks("search different kettle")
	d.asks("today") // not a search
	for _, c := range []struct {
		verb, option, typed string
		want                []string // the first
	}{
		{"search", "query", "", []string{"diffusion -video · followed here", "robot* · followed here", "different kettle · asked before", "lamp · asked before", "cat:cs.LG · Machine Learning"}},
		{"search", "query", "dif", []string{"diffusion -video · followed here", "different kettle · asked before", "diffusion · 7 papers in 30 days"}},
		{"subscribe", "topic", "dif", []string{"different kettle · asked before", "diffusion · 7 papers in 30 days"}},
		{"preview", "topic", "lamp dif", []string{"diffusion · 7 papers in 30 days"}},
		{"subscribe", "topic", "lamp, dif", []string{"diffusion · 7 papers in 30 days"}},
		{"search", "query", "lamp -dif", []string{"diffusion · 7 papers in 30 days"}},
		{"search", "query", "title:dif", []string{"title:diffusion · 7 papers in 30 days"}},
		{"mute", "what", "rob", []string{"robot* · followed here", "robot · 1 paper in 30 days"}},
		{"search", "query", "cat:cs.C", []string{"cat:cs.CC · Computational Complexity"}},
		{"subscribe", "topic", "cat:robot", []string{"cat:cs.RO · Robotics"}},
		{"preview", "topic", "cat:nlp", []string{"cat:cs.CL · Computation and Language"}},
		{"search", "query", "vision", []string{"cat:cs.CV · Computer Vision and Pattern Recognition"}},
		{"search", "query", "aut", []string{"author:"}},
		{"search", "query", "xyzzy", []string{"xyzzy"}},
		{"schedule", "zone", "nyc", []string{"America/New_York"}},
		{"schedule", "zone", "IST", []string{"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"}},
	} {
		if got := d.offered(c.verb, c.option, c.typed); len(got) < len(c.want) || !slices.Equal(got[:len(c.want)], c.want) {
			t.Errorf("%s %s %q: %q, want first %q", c.verb, c.option, c.typed, got, c.want)
		}
	}
	for _, c := range d.Complete(t.Context(), d.Where, core.Partial{Verb: "search", Option: "query", Value: "lamp -dif"}) {
		if !strings.HasPrefix(c.Value, "lamp -") {
			t.Errorf("%q takes away what was typed", c.Value)
		}
	}
}

// A word that the papers of the last days do not have is not offered.
func TestWordsOfLongAgoAreNotOffered(t *testing.T) {
	d := newDesk(t, map[string]int{"Diffusion": 5})
	old := core.Seen{Paper: core.Paper{ID: "2601.00001", Title: "Difference engines", Categories: []string{"cs.LG"}}, Sighting: core.Sighting{Source: "hf", Day: "2026-01-20"}, Authority: core.Index}
	if _, err := d.store.PutPapers(t.Context(), []core.Seen{old}, true, d.Now); err != nil {
		t.Fatal(err)
	}
	got := d.offered("search", "query", "dif")
	if got[0] != "diffusion · 5 papers in 30 days" || slices.ContainsFunc(got, func(l string) bool { return strings.HasPrefix(l, "difference") }) {
		t.Errorf("%q", got)
	}
}

// Whatever is typed into a box for words, something is offered, each label once, and
// none is longer than a platform takes; and what is chosen can be read, by its value
// or by its label.
func TestABoxForWordsIsNeverEmpty(t *testing.T) {
	d := newDesk(t, map[string]int{"Diffusion of lamps": 5})
	d.follows(strings.Repeat("lamp ", 11) + strings.Repeat("x", 100))
	for _, box := range [][2]string{{"search", "query"}, {"preview", "topic"}, {"subscribe", "topic"}, {"mute", "what"}, {"top", "topic"}} {
		for _, typed := range []string{"", " ", "d", "di", "zzzz", "cat:", "cat:zz", "title:", "title:zz", "-", "-d", `"low ra`, "lamp ", "lamp |", "author:x", "扩散", "🙂", "1", "#", "@everyone", "lamp, ", strings.Repeat("lamp ", 20), "has:", "since:", "·"} {
			cs := d.Complete(t.Context(), d.Where, core.Partial{Verb: box[0], Option: box[1], Value: typed})
			seen := map[string]bool{}
			for _, c := range cs {
				if seen[c.Label] || c.Label == "" || len([]rune(c.Label)) > 100 || len([]rune(c.Value)) > 100 {
					t.Errorf("%v %q offers %+v", box, typed, c)
				}
				seen[c.Label] = true
			}
			if len(cs) == 0 && len(typed) <= 100 {
				t.Errorf("%v %q offers nothing", box, typed)
			}
		}
	}
	for _, c := range d.Complete(t.Context(), d.Where, core.Partial{Verb: "search", Option: "query", Value: "dif"}) {
		for _, sent := range []string{c.Value, c.Label} {
			call, err := verbs.Parse(core.Request{Verb: "search", Args: map[string]string{"query": sent}}, d.Network)
			if err != nil || call.Args["query"] != strings.TrimSpace(c.Value) {
				t.Errorf("%q is read as %q: %v", sent, call.Args["query"], err)
			}
		}
	}
}

func TestNobodysSearchesAreOfferedToOthers(t *testing.T) {
	d := newDesk(t, nil)
	d.asks("search hiring plans")
	d.User.Key = "web:ben"
	if got := d.offered("search", "query", ""); slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, "hiring") }) {
		t.Errorf("ben is offered %q", got)
	}
	d.User.Key = ""
	if got := d.offered("search", "query", "hir"); slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, "plans") }) {
		t.Errorf("nobody is offered %q", got)
	}
}
