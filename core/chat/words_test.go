package chat_test

import (
	"slices"
	"strings"
	"testing"

	"paperboy/core"
)

// Verbs in other words, and what only looks like one.
func TestTheWordsThatPeopleSay(t *testing.T) {
	l := newLab(t)
	l.brings(2, "Stop words in retrieval")
	l.brings(1, "Noise")
	l.sees(l.says("ana", "follow lamps, soup"), "#1 lamp:", "#2 soup:")
	l.sees(l.says("ana", "add diffusion"), "#3 diffusion:")
	l.sees(l.says("ana", "subscribe to agents -survey"), "#4 agent -survey:")
	l.sees(l.says("ana", "topics"), "This channel follows 4 topics:")
	l.sees(l.says("ana", "stop words"), "2 papers for stop word") // nobody follows *words* here
	l.sees(l.says("ana", "remove noise"), "No paper has all of remove noise. The nearest in meaning:", "has noise")
	l.sees(l.says("ana", "stop 1"), "no longer follows lamp (#1)")
	l.sees(l.says("ana", "remove soup"), "no longer follows soup (#2)")
	l.sees(l.says("ana", "unfollow agents"), "no longer follows agent -survey (#4)") // by one of its words
	l.sees(l.says("ana", "unfollow difusion"), "This channel does not follow difusion.")
	l.says("ana", `follow lamps, "low lamps"`)
	l.sees(l.says("ana", "unfollow lamps"), "no longer follows lamp (#5)") // exactly
	l.says("ana", "follow old lamps")
	l.sees(l.says("ana", "unfollow lamps"), "Several topics here say lamp: 6–7. Which one? /papers unsubscribe 6.")
	for _, hello := range []string{"?", "hello", "hi!", "--help", "-h", "what can you do?"} {
		l.sees(l.says("ana", hello), "Find", "Follow", "Mine")
	}
	for _, news := range []string{"what is new?", "what's new", ""} {
		l.sees(l.says("ana", news), "for this channel")
	}
	r := l.says("ana", "can you tell me something about cooking")
	l.sees(r, "No papers match", "I look for papers by their words and what they mean. /papers help says what else I can do.")
	l.button(r.Card, "Help")
	if labels := labels(l.says("ana", "cooking -tea -pot -cup")); slices.Contains(labels, "Help") {
		t.Error("help is offered to who knows the language")
	}
	l.sees(l.says("ana", "since:7d"), "Say what to look for: /papers agent since:7d.")
}

// A zone as people write it is answered with those that may be meant; one press sets
// it, and nothing is set before.
func TestAZoneThatPeopleWriteIsAskedAbout(t *testing.T) {
	l := newLab(t)
	for typed, want := range map[string][]string{
		"schedule 09:00 IST":                      {"Kolkata", "Dublin", "Jerusalem"},
		"schedule 09:00 EST weekdays":             {"New York", "Panama"},
		"schedule 9 America/NewYork":              {"New York"},
		"schedule 9am Europe/Berln daily":         {"Berlin"},
		"schedule 09:00 UTC+5:30":                 {"Kolkata"},
		"schedule 17:30 san francisco weekly:mon": {"Los Angeles"},
		"schedule 09:00 CET+1":                    nil,
	} {
		r := l.says("ana", typed)
		if got := labels(r); !slices.Equal(got, want) || !r.Failed || len(r.Line) > 0 {
			t.Errorf("%s offers %q: %s", typed, got, read(r))
		}
	}
	r := l.says("ana", "schedule 09:00 IST daily")
	l.sees(r, "I do not know the zone IST. Did you mean Asia/Kolkata, Europe/Dublin or Asia/Jerusalem?")
	if r.Card.Block != "schedule 09:00 IST daily\n               ^" {
		t.Errorf("the place is shown as\n%s", r.Card.Block)
	}
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Dublin")), "09:00 (Dublin)")
	if s := l.channel().Schedule.String(); s != "09:00 Europe/Dublin daily" {
		t.Errorf("set to %s", s)
	}
	wrong := l.Check(t.Context(), core.Submission{Channel: at("ml"), User: person("ana"), Form: "pb1|form|schedule", Values: map[string]string{"time": "09:00", "zone": "NYC", "days": "daily"}})
	if got := wrong["zone"].String(); !strings.Contains(got, "Did you mean `America/New_York`?") {
		t.Errorf("the form says %q", got)
	}
	l.sees(l.says("ana", "schedule 9 new york"), "New York")
}

func TestHelpIsThreeGroupsOfCommandsToTap(t *testing.T) {
	l := newLab(t)
	for _, named := range []bool{false, true} {
		l.net.customs.Named = named
		r := l.says("ana", "help")
		commands := 0
		for _, line := range r.Card.Lines {
			if n := len([]rune(line.String())); n > 90 {
				t.Errorf("%d characters: %s", n, line)
			}
			if strings.HasPrefix(line[0].Text, "/papers ") {
				commands++
				if named && line[0].Command == "" {
					t.Errorf("%q cannot be tapped", line[0].Text)
				}
			}
		}
		if commands != 12 || r.Card.Block != "" {
			t.Errorf("%d commands, and the block %q", commands, r.Card.Block)
		}
		l.sees(r, "A search finds what is meant; quotes, - and | make it exact. What a channel follows matches by its words: a paper that never writes them is missed.")
		l.sees(l.presses("ana", "ml", l.button(r.Card, "More about searching")), "Fields", "-word excludes")
		l.sees(l.presses("ana", "ml", l.button(r.Card, "Settings")), "Papers in a post: 5")
	}
	l.sees(l.says("ana", "help settings"), "layout: how a post looks", "thread one message a day, the papers in its thread", "notforus: so many people have to say")
}

func TestAPlaceInALongLineIsShownByWhatStandsAroundIt(t *testing.T) {
	l := newLab(t)
	r := l.says("ana", "search "+strings.Repeat("kettle | ", 40))
	l.sees(r, "That search has 359 characters; the limit is 200. Leave some out.")
	lines := strings.Split(r.Card.Block, "\n")
	if len(lines) != 2 || len([]rune(lines[0])) > 60 || !strings.HasSuffix(lines[1], "^") || len(lines[1]) > len([]rune(lines[0]))+1 {
		t.Errorf("the place is shown as\n%s", r.Card.Block)
	}
	l.sees(l.says("ana", "subscribe "+strings.Repeat("x", 500)), "That topic has 500 characters; the limit is 200. Shorten it.")
	if r := l.says("ana", `search lamp "soup`); !strings.HasSuffix(r.Card.Block, "            ^") {
		t.Errorf("a short line\n%s", r.Card.Block)
	}
}

// What is chosen in the menus of a setting or a topic does what it says.
func TestEveryMenuDoesWhatItSays(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion, lamps")
	card := l.says("ana", "settings").Card
	for _, row := range card.Rows {
		if row.Open == "" || row.Menu == nil && len(row.Buttons) == 0 {
			t.Errorf("nothing can be done with %s", row.Text)
		}
		one := l.presses("ana", "ml", row.Open)
		if len(one.Card.Rows) != 1 || one.Card.Rows[0].Line(false).String() != row.Line(false).String() {
			t.Errorf("%s opens %s", row.Open, read(one))
		}
		chosen := 0
		if row.Menu == nil {
			continue
		}
		for _, o := range row.Menu.Options {
			if o.Chosen {
				chosen++
			}
			if len([]rune(o.Label)) > 75 || len([]rune(o.Detail)) > 75 || len(o.ID) > 100 {
				t.Errorf("too long: %+v", o)
			}
		}
		if chosen != 1 {
			t.Errorf("%d values of %s are chosen", chosen, row.Text)
		}
	}
	l.sees(l.presses("ana", "ml", l.button(core.Card{Rows: card.Rows[1:2]}, "digest")), "Form of the post: digest")
	f, ok := l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: l.button(card, "Change several")})
	if !ok || len(f.Fields) != len(card.Rows) {
		t.Fatalf("a form of %d fields", len(f.Fields))
	}
	s := core.Submission{Channel: at("ml"), User: person("ana"), Form: f.ID, Values: map[string]string{}}
	for _, field := range f.Fields {
		s.Values[field.Name] = field.Value
		if n := len([]rune(field.Label)); n == 0 || n > 45 || len([]rune(field.Hint)) > 100 {
			t.Errorf("%+v", field)
		}
	}
	if r := l.Submit(t.Context(), s); len(r.Line) > 0 || r.Failed {
		t.Errorf("nothing was changed: %v %s", r.Line, read(r))
	}
	s.Values["max"], s.Values["votes"] = "10", "🔥 👎"
	if wrong := l.Check(t.Context(), s); len(wrong) != 1 || !strings.Contains(wrong["votes"].String(), "has a meaning of its own") {
		t.Errorf("%v", wrong)
	}
	s.Values["votes"] = "🔥"
	if r := l.Submit(t.Context(), s); len(r.Line) != 1 || r.Line[0].String() != "@ana changed the settings here: max is now 10 and votes is now 🔥." {
		t.Errorf("%v", r.Line)
	}
	l.net.customs.Limits.Fields = 5
	if _, ok := l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: "pb1|form|settings"}); ok {
		t.Error("a form of more fields than the platform takes")
	}
	l.sees(l.presses("ana", "ml", "pb1|form|settings"), "Papers in a post: 10")
	if _, ok := l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: "pb1|form|settings|votes"}); !ok {
		t.Error("one setting fits")
	}

	card = l.says("ana", "list").Card
	lamps := core.Card{Rows: card.Rows[1:]}
	if one := l.presses("ana", "ml", lamps.Rows[0].Open); len(one.Card.Rows) != 1 {
		t.Error(read(one))
	}
	l.sees(l.presses("ana", "ml", l.button(lamps, "Preview")), "word lamp in title")
	l.sees(l.presses("ana", "ml", l.button(lamps, "Hide")), "Hidden here for 7 days: papers that match lamp.")
	list := l.says("ana", "list")
	l.sees(list, "Hidden here: papers that match lamp, for 7 days")
	l.sees(l.presses("ana", "ml", l.button(list.Card, "Show again")), "Shown here again: papers that match lamp.")
	f, ok = l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: l.button(lamps, "Edit")})
	if !ok || f.Fields[0].Value != "lamp" {
		t.Fatalf("%+v", f)
	}
	s = core.Submission{Channel: at("ml"), User: person("ana"), Form: f.ID, Values: map[string]string{"topic": "lamp cat:cs.ZZ"}}
	if wrong := l.Check(t.Context(), s); !strings.Contains(wrong["topic"].String(), "no category") {
		t.Errorf("%v", wrong)
	}
	if r := l.Submit(t.Context(), s); !r.Failed {
		t.Error(read(r))
	}
	s.Values["topic"] = "lamp | torch"
	if r := l.Submit(t.Context(), s); len(r.Line) != 1 || r.Line[0].String() != "@ana follows lamp | torch here, instead of lamp." {
		t.Errorf("%v %s", r.Line, read(r))
	}
	if now := l.topics()[1]; now.Number != 2 || now.Text() != "lamp | torch" {
		t.Errorf("%+v", now)
	}
	l.sees(l.presses("ana", "ml", l.button(lamps, "Stop following")), "no longer follows lamp | torch (#2)")
}

// What of a paper is to be hidden, and for how long, is asked in one form.
func TestWhatIsHiddenIsAskedInAForm(t *testing.T) {
	l := newLab(t)
	p := paper("2611.00044", "Robots and lamps")
	p.Authors = []string{"Debangshu Banerjee", "Mid Author", "Jane van der Berg"}
	l.comes(p)
	l.says("ana", "subscribe lamps")
	press := core.Press{Channel: at("ml"), User: person("ana"), Button: "pb1|mute|2611.00044"}
	f, ok := l.Form(t.Context(), press)
	if !ok {
		t.Fatal("no form")
	}
	var offered []string
	for _, o := range f.Fields[0].Options {
		offered = append(offered, o.Label)
	}
	want := []string{"This paper, for me", "Papers by Debangshu Banerjee", "Papers by Jane van der Berg", "Papers in cs.LG", "Papers that match lamp"}
	if !slices.Equal(offered, want) {
		t.Errorf("offered are %q", offered)
	}
	s := core.Submission{Channel: at("ml"), User: person("ana"), Form: f.ID, Values: map[string]string{"what": f.Fields[0].Options[1].Value, "for": "30d"}}
	if wrong := l.Check(t.Context(), s); len(wrong) > 0 {
		t.Errorf("%v", wrong)
	}
	r := l.Submit(t.Context(), s)
	l.sees(r, "Hidden here for 30 days: papers by Debangshu Banerjee.")
	if len(r.Line) != 1 || r.Line[0].String() != "@ana hid papers by Debangshu Banerjee here for 30 days." {
		t.Errorf("%v", r.Line)
	}
	s.Values["for"] = "soon"
	if wrong := l.Check(t.Context(), s); wrong["for"] == nil {
		t.Errorf("%v", wrong)
	}
	// Who may not hide it for all hides it for themselves.
	l.change(func(ch *core.Channel) { ch.Settings.Editors, ch.Owner = "managers", "" })
	press.User = person("ben")
	if f, ok := l.Form(t.Context(), press); !ok || len(f.Fields[0].Options) != 1 {
		t.Errorf("ben is offered %+v", f.Fields)
	}
}

func TestASampleIsOfferedUntilThereIsSomethingToSee(t *testing.T) {
	l := newLab(t)
	l.worker.missed = 3
	r := l.says("ana", "subscribe diffusion")
	if got := labels(r); !slices.Equal(got[:2], []string{"Post today's now", "Set time"}) {
		t.Errorf("offered is %q", got)
	}
	if f, ok := l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: l.button(r.Card, "Set time")}); !ok || f.Title != "Set the time" {
		t.Error("it sets no time")
	}
	sample := l.button(r.Card, "Post today's now")
	l.sees(l.presses("ana", "ml", sample), "On its way: a sample with 3 papers.")
	l.sees(l.presses("ana", "ml", sample), "This channel has had its sample.")
	l.store.ledger = []core.Delivery{{Channel: l.channel().ID, Item: "2611.00001", State: core.Posted}}
	l.says("ana", "schedule 09:00 Europe/Berlin weekdays")
	if got := labels(l.says("ana", "subscribe lamps")); slices.Contains(got, "Post today's now") || slices.Contains(got, "Set time") {
		t.Errorf("offered is %q", got)
	}
}

func TestTopLeavesOutWhatWasTurnedDown(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	id := l.channel().ID
	for i, p := range []core.PaperID{"2611.00001", "2611.00002", "2611.00003"} {
		l.store.ledger = append(l.store.ledger, core.Delivery{Channel: id, Item: core.PaperItem(p), State: core.Posted})
		for _, who := range []string{"ana", "ben"}[:i] {
			if _, err := l.store.PutReaction(t.Context(), id, p, core.Down, core.Reaction{Channel: at("ml"), Message: string(p), Added: true, Emoji: "👎", Order: 1, At: l.now, User: person(who)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := l.says("ana", "top since:30d")
	l.sees(r, "Left out: 2 papers that were not for us.")
	if len(r.Card.Papers) > 1 {
		t.Errorf("%s", read(r))
	}
}
