package verbs

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

// The limits of Discord's application commands, which the table feeds:
// 25 subcommands, 25 options, 25 choices, names of
// small letters, descriptions of 1 to 100 characters, 8,000 characters in all.
func TestTheVerbTableFitsEveryPlatform(t *testing.T) {
	rare := 0
	for _, v := range Table {
		if v.Rare {
			rare++
		}
	}
	if n := len(Table) - rare; n != 21 || rare > 25 {
		t.Errorf("%d verbs, want 21; %d in the group %s, want at most 25", n, rare, More)
	}
	total := 0
	size := func(what, s string, most int) {
		if n := utf8.RuneCountInString(s); n == 0 || n > most {
			t.Errorf("%s is %d characters long: %q", what, n, s)
		}
		total += utf8.RuneCountInString(s)
	}
	seen := map[string]bool{}
	for _, v := range Table {
		size("a verb", v.Name, 32)
		size(v.Name, v.Summary, 100)
		if seen[v.Name] || v.Name != strings.ToLower(v.Name) {
			t.Errorf("verb %q is there twice or not in small letters", v.Name)
		}
		seen[v.Name] = true
		if v.Who == "" || len(v.Options) > 25 || len(v.Options) > 0 && len(v.Examples) != 3 || len(v.Examples) == 0 {
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
	for _, v := range Table {
		for _, example := range v.Examples {
			if c, err := Parse(core.Request{Text: example}, core.Network{}); err != nil || c.Verb.Name != v.Name {
				t.Errorf("%s: %s, %v", example, c.Verb.Name, err)
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
		{"link", "link", map[string]string{}},
		{"link NEW", "link", map[string]string{"change": "new"}},
		{"link change:off", "link", map[string]string{"change": "off"}},
		{"link assistant", "link", map[string]string{"change": "assistant"}},
		{"link Assistant off", "link", map[string]string{"change": "assistant off"}},
		{"link Me", "link", map[string]string{"change": "me"}},
		{"link assistants", "search", map[string]string{"query": "link assistants"}},
		{"link prediction", "search", map[string]string{"query": "link prediction"}},
		{"link new graphs", "search", map[string]string{"query": "link new graphs"}},
		{"preview topic:lora days:7", "preview", map[string]string{"topic": "              lora", "days": "7"}},
	} {
		call, err := Parse(core.Request{Text: c.typed}, core.Network{})
		if err != nil {
			t.Errorf("%s: %v", c.typed, err)
			continue
		}
		if diff := cmp.Diff(c.args, call.Args); diff != "" || call.Verb.Name != c.verb {
			t.Errorf("%s is read as %s %s", c.typed, call.Verb.Name, diff)
		}
	}
}

func FuzzHowALineIsRead(f *testing.F) {
	for _, v := range Table {
		for _, e := range v.Examples {
			f.Add(e)
		}
	}
	f.Add("„a« since: \" sort:top limit:99999999999999999999 #  ")
	f.Fuzz(func(t *testing.T, typed string) {
		for _, n := range []core.Network{{Command: "/papers"}, {Command: "/papers", Named: true}} {
			c, err := Parse(core.Request{Text: typed}, n)
			if pe, ok := err.(*core.UserError); err != nil && (!ok || pe.Col < 0 || pe.Col > utf8.RuneCountInString(typed)+1) {
				t.Errorf("%q: %v", typed, err)
			}
			if err == nil && c.Verb.Name == "" {
				t.Error("nothing is to be done")
			}
			if span := Typed(n, typed); !strings.HasPrefix(span.Text, "/papers") || n.Named && !strings.HasPrefix(span.Text, "/"+span.Command) {
				t.Errorf("%q is written as %+v", typed, span)
			}
		}
	})
}

// Where options have names, a command is written with them; what is written is
// read back as the same.
func TestACommandIsWrittenAsItCanBeTyped(t *testing.T) {
	named := core.Network{Command: "/papers", Named: true}
	for _, c := range []struct{ text, want, command string }{
		{"schedule 09:00 Europe/Berlin weekdays", "/papers schedule time:09:00 zone:Europe/Berlin days:weekdays", "papers schedule"},
		{"schedule 5pm new york weekly:mon", "/papers schedule time:17:00 zone:America/New_York days:weekly:mon", "papers schedule"},
		{"preview diffusion", "/papers preview topic:diffusion", "papers preview"},
		{`subscribe diffusion -"stable diffusion", lora`, `/papers subscribe topic:diffusion -"stable diffusion", lora`, "papers subscribe"},
		{"diffusion -video since:7d sort:top", "/papers search query:diffusion -video since:7d sort:top", "papers search"},
		{"top since:7d share:yes", "/papers top since:7d share:True", "papers top"},
		{"mute survey for:14d", "/papers mute what:survey for:14d", "papers mute"},
		{"", "/papers today", "papers today"},
		{"subscribe", "/papers subscribe", "papers subscribe"},
		{"list no words", "/papers list", "papers list"},
		{"audit 2026-11-20", "/papers more audit date:2026-11-20", "papers more audit"},
		{"save 2509.24002 note:\"for Friday\"", "/papers save paper:2509.24002 note:for Friday", "papers save"},
	} {
		if got := Typed(named, c.text); got.Text != c.want || got.Command != c.command {
			t.Errorf("%q is written as %+v", c.text, got)
		}
		if got := Typed(core.Network{Command: "/papers"}, c.text); got.Text != strings.TrimSpace("/papers "+c.text) || got.Command != "" {
			t.Errorf("%q is written as %+v where it is typed freely", c.text, got)
		}
	}
}

// People say other words for the verbs. A word that stands in titles as well is a
// verb alone, and before one thing; before more it begins a search.
func TestTheWordsThatPeopleSayForVerbs(t *testing.T) {
	for _, c := range []struct {
		typed, verb, rest string
		guess             bool
	}{
		{"follow lora", "subscribe", "lora", false},
		{"Follow diffusion policy, author:\"Jane Doe\"", "subscribe", "diffusion policy, author:\"Jane Doe\"", false},
		{"subscribe to diffusion policy", "subscribe", "diffusion policy", false},
		{"follow to lora", "subscribe", "lora", false},
		{"subscribe to", "subscribe", "to", false},
		{"subscribe text to image", "subscribe", "text to image", false},
		{"add lora", "subscribe", "lora", true},
		{"add lora, gpt", "subscribe", "lora, gpt", true},
		{`add "low rank adaptation"`, "subscribe", `"low rank adaptation"`, true},
		{`add author:"Song Han"`, "subscribe", `author:"Song Han"`, true},
		{"add noise to images", "search", "add noise to images", false},
		{"adding lora", "search", "adding lora", false},
		{"unfollow lora", "unsubscribe", "lora", false},
		{"unfollow #3", "unsubscribe", "#3", false},
		{"unsubscribe from lora", "unsubscribe", "lora", false},
		{"stop following lora", "unsubscribe", "lora", false},
		{"stop following topic 3", "unsubscribe", "3", false},
		{"remove 3", "unsubscribe", "3", true},
		{"remove #3", "unsubscribe", "#3", true},
		{"stop lora", "unsubscribe", "lora", true},
		{"stop words", "unsubscribe", "words", true}, // a search, unless it is followed: core/chat knows
		{"stop words in retrieval", "search", "stop words in retrieval", false},
		{"remove noise from images", "search", "remove noise from images", false},
		{"topics", "list", "", false},
		{"topics in dialogue", "search", "topics in dialogue", false},
		{"?", "help", "", false},
		{"--help", "help", "", false},
		{"-h", "help", "", false},
		{"hello", "help", "", false},
		{"Hi!", "help", "", false},
		{"hello world models", "search", "hello world models", false},
		{"what can you do?", "help", "", false},
		{"Hello, what can you do?", "help", "", false},
		{"what is new?", "today", "", false},
		{"What’s new", "today", "", false},
		{"what is new in diffusion", "search", "what is new in diffusion", false},
		{"What's new today?", "today", "", false},
		{"new", "today", "", false},
		{"news", "search", "news", false}, // people look for papers about it
		{"news recommendation", "search", "news recommendation", false},
		{"delete lora", "unsubscribe", "lora", true},
		{"subscriptions", "list", "", false},
		{"my list", "saved", "", false},
		{"bookmarks", "saved", "", false},
		{"new architectures", "search", "new architectures", false},
		{`"follow" the leader`, "search", `"follow" the leader`, false},
		{"missed 2509.24002", "why", "2509.24002", false},
		{"missed arxiv.org/abs/2509.24002", "why", "arxiv.org/abs/2509.24002", false},
		{"missed modality", "search", "missed modality", false},
		{"-lora", "search", "-lora", false},
	} {
		call, err := Parse(core.Request{Text: c.typed}, core.Network{})
		rest := ""
		if o, ok := call.Verb.Rest(); ok {
			rest = strings.TrimSpace(call.Args[o.Name])
		}
		if err != nil || call.Verb.Name != c.verb || rest != c.rest || call.Guess != c.guess {
			t.Errorf("%q is %s of %q, a guess %v: %v", c.typed, call.Verb.Name, rest, call.Guess, err)
		}
	}
	for _, alone := range []string{"follow", "add", "unfollow", "remove", "stop"} {
		if call, err := Parse(core.Request{Text: alone}, core.Network{Command: "/papers"}); err == nil || !strings.Contains(err.Error(), "needs") || call.Verb.Name != "subscribe" && call.Verb.Name != "unsubscribe" {
			t.Errorf("%q: %s, %v", alone, call.Verb.Name, err)
		}
	}
	seen := map[string]bool{}
	for _, v := range Table {
		for _, a := range v.Aliases {
			if _, verb := Named(a.Word); verb || seen[a.Word] || a.Word != strings.ToLower(a.Word) {
				t.Errorf("%q is there twice, or not in small letters", a.Word)
			}
			seen[a.Word] = true
		}
	}
}

func TestASearchForNothingIsAskedWhatFor(t *testing.T) {
	n := core.Network{Command: "/papers"}
	for typed, want := range map[string]string{
		"since:7d":        "Say what to look for: `/papers agent since:7d`. For everything of a week: `/papers top since:7d`.",
		"search since:2w": "Say what to look for: `/papers agent since:2w`. For everything of a week: `/papers top since:7d`.",
		"sort:new":        "Say what to look for: `/papers agent sort:new`. For everything of a week: `/papers top since:7d`.",
		"search":          "Say what to look for: `/papers search diffusion -video since:7d`.",
		"limit:5":         "Say what to look for: `/papers search diffusion -video since:7d`.",
		"preview":         "`/papers preview` needs the topic to try: `/papers preview lora`.",
		"subscribe":       "`/papers subscribe` needs what to follow: `/papers subscribe diffusion -\"stable diffusion\"`.",
		"mute":            "`/papers mute` needs a topic, author:\"…\", cat:… or a paper's id: `/papers mute survey for:14d`.",
		"unmute":          "`/papers unmute` needs what was muted: `/papers unmute survey`.",
	} {
		if _, err := Parse(core.Request{Text: typed}, n); err == nil || err.Error() != want {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if _, err := Parse(core.Request{Verb: "search", Args: map[string]string{"since": "7d"}}, core.Network{Command: "/papers", Named: true}); err == nil || !strings.Contains(err.Error(), "`/papers search query:agent since:7d`") {
		t.Error(err)
	}
}

// Where a command is a line, nothing of it is a file: what looks like one is words.
func TestAFileIsNoWordOfALine(t *testing.T) {
	c, err := Parse(core.Request{Text: "learn file:2509.24002"}, core.Network{Command: "/papers"})
	if err != nil || c.Args["file"] != "" || !strings.Contains(c.Args["papers"], "2509.24002") {
		t.Errorf("%v %v", c.Args, err)
	}
}

// What lets strangers in is an editor's.
func TestALinkIsForEditors(t *testing.T) {
	if v, _ := Named("link"); v.Who != ForEditor {
		t.Errorf("a link is for %s", v.Who)
	}
}
