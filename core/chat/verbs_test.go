package chat

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/topic"
)

// The limits of Discord's application commands, which the table feeds:
// 25 subcommands, 25 options, 25 choices, names of
// small letters, descriptions of 1 to 100 characters, 8,000 characters in all.
func TestTheVerbTableFitsEveryPlatform(t *testing.T) {
	if n := len(Verbs); n != 21 {
		t.Errorf("%d verbs, want 21", n)
	}
	total := 0
	size := func(what, s string, most int) {
		if n := utf8.RuneCountInString(s); n == 0 || n > most {
			t.Errorf("%s is %d characters long: %q", what, n, s)
		}
		total += utf8.RuneCountInString(s)
	}
	seen := map[string]bool{}
	for _, v := range Verbs {
		size("a verb", v.Name, 32)
		size(v.Name, v.Summary, 100)
		if seen[v.Name] || v.Name != strings.ToLower(v.Name) {
			t.Errorf("verb %q is there twice or not in small letters", v.Name)
		}
		seen[v.Name] = true
		if v.do == nil || v.Who == "" || len(v.Options) > 25 || len(v.Options) > 0 && len(v.Examples) != 3 || len(v.Examples) == 0 {
			t.Errorf("%s is not complete", v.Name)
		}
		rest, optional := 0, false
		for _, o := range v.Options {
			size(v.Name, o.Name, 32)
			size(v.Name+" "+o.Name, o.Summary, 100)
			if o.Rest {
				rest++
			}
			if o.Required && optional {
				t.Errorf("%s %s: required options come first", v.Name, o.Name)
			}
			optional = optional || !o.Required
			if len(o.Choices) > 25 || o.Kind == "" || o.Kind == Number && o.Max <= o.Min || o.Kind == Choose && len(o.Choices) == 0 {
				t.Errorf("%s %s is not complete", v.Name, o.Name)
			}
			for _, c := range o.Choices {
				size(o.Name, c, 100)
			}
		}
		if rest > 1 {
			t.Errorf("%s has %d options without a name", v.Name, rest)
		}
	}
	if total > 8000 {
		t.Errorf("%d characters in all", total)
	}
}

func TestEveryExampleIsReadAsItsVerb(t *testing.T) {
	for _, v := range Verbs {
		for _, example := range v.Examples {
			c := &call{text: example}
			if err := c.parse(core.Request{Text: example}); err != nil || c.verb.Name != v.Name {
				t.Errorf("%s: %s, %v", example, c.verb.Name, err)
			}
		}
	}
}

func TestHowALineIsRead(t *testing.T) {
	for _, c := range []struct {
		typed string
		verb  string
		args  map[string]string
	}{
		{"", "today", map[string]string{"hint": "yes"}},
		{"diffusion -video since:7d", "search", map[string]string{"query": "diffusion -video", "since": "7d"}},
		{`"top"`, "search", map[string]string{"query": `"top"`}},
		{"TOP since:7d share:yes", "top", map[string]string{"since": "7d", "share": "yes"}},
		{"lora sort:top title:agent", "search", map[string]string{"query": "lora          title:agent", "sort": "top"}},
		{`search "since:7d"`, "search", map[string]string{"query": `       "since:7d"`}},
		{"subscribe lora min:20", "subscribe", map[string]string{"topic": "          lora min:20"}},
		{"settings max:5 min:0", "settings", map[string]string{"max": "5", "min": "0"}},
		{"mute “survey paper” for:14d", "mute", map[string]string{"what": "     “survey paper”", "for": "14d"}},
		{`save 2509.24002 note:"for Friday"`, "save", map[string]string{"paper": "     2509.24002", "note": "for Friday"}},
		{"preview topic:lora days:7", "preview", map[string]string{"topic": "              lora", "days": "7"}},
	} {
		call := &call{text: c.typed}
		if err := call.parse(core.Request{Text: c.typed}); err != nil {
			t.Errorf("%s: %v", c.typed, err)
			continue
		}
		if diff := cmp.Diff(c.args, call.args); diff != "" || call.verb.Name != c.verb {
			t.Errorf("%s is read as %s %s", c.typed, call.verb.Name, diff)
		}
	}
}

func FuzzHowALineIsRead(f *testing.F) {
	for _, v := range Verbs {
		for _, e := range v.Examples {
			f.Add(e)
		}
	}
	f.Add("„a« since: \" sort:top limit:99999999999999999999 #  ")
	f.Fuzz(func(t *testing.T, typed string) {
		c := &call{text: typed}
		err := c.parse(core.Request{Text: typed})
		if err == nil && c.verb.do == nil {
			t.Error("nothing is to be done")
		}
		if err == nil {
			if _, err := c.topic("query", topic.ParseSearch); err != nil {
				if pe, ok := err.(*core.UserError); !ok || pe.Col < 0 || pe.Col > utf8.RuneCountInString(typed)+1 {
					t.Errorf("%q: column of %v", typed, err)
				}
			}
		}
	})
}
