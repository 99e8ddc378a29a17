package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

func forms() map[string]core.Form {
	return map[string]core.Form{
		"preview": {ID: "pb1|form|preview", Title: "Preview a topic", Submit: "Preview", Fields: []core.Field{
			{Name: "topic", Label: "Topic", Hint: "as in: diffusion", Kind: core.FieldText, Max: 1000}}},
		"schedule": {ID: "pb1|form|schedule", Title: "Set the time", Submit: "Set", Lines: []say.Text{say.Say("When new papers come to *#papers*.")}, Fields: []core.Field{
			{Name: "time", Label: "Time of day", Kind: core.FieldTime, Value: "09:00"},
			{Name: "zone", Label: "Time zone", Hint: "a city or a name such as Europe/Berlin", Kind: core.FieldSearch, Value: "Europe/Berlin", Verb: "schedule", Option: "zone"},
			{Name: "days", Label: "Days", Kind: core.FieldChoice, Value: "daily", Options: []core.Choice{{Value: "weekdays", Label: "weekdays"}, {Value: "daily", Label: "every day"}}}}},
		"settings": {ID: "pb1|form|settings", Title: "Settings", Submit: "Save", Fields: []core.Field{
			{Name: "quiet", Label: "Days without papers", Hint: "what is posted then", Kind: core.FieldChoice, Value: "silent",
				Options: []core.Choice{{Value: "silent", Label: "nothing", Hint: "the channel stays silent"}, {Value: "note", Label: "a note", Hint: "one line says that nothing matched"}}},
			{Name: "editors", Label: "Who may change topics", Kind: core.FieldText, Value: "members", Optional: true}}},
		"hostile": {ID: "pb1|form|x", Title: hostile, Submit: hostile, Lines: []say.Text{say.Say("%s", hostile)}, Fields: []core.Field{
			{Name: "a", Label: hostile, Hint: hostile, Value: hostile, Max: 20},
			{Name: "b", Label: hostile, Hint: hostile, Value: hostile, Kind: core.FieldTime},
			{Name: "c", Label: hostile, Hint: hostile, Value: hostile, Kind: core.FieldSearch},
			{Name: "d", Label: hostile, Hint: hostile, Value: hostile, Kind: core.FieldChoice, Options: []core.Choice{{Value: "x", Label: hostile, Hint: hostile}}}}},
	}
}

func TestForms(t *testing.T) {
	for name, f := range forms() {
		t.Run(name, func(t *testing.T) {
			drawn := testkit.JSON(t, drawForm(f, place{Channel: "C0PAPERS", Thread: "1360782400.498405", Address: "1360782800.083113"}))
			testkit.LooksLike(t, "form-"+name+".json", drawn)
			var view map[string]any
			if err := json.Unmarshal(drawn, &view); err != nil {
				t.Fatal(err)
			}
			for _, problem := range fakeslack.CheckView(view) {
				t.Error(problem)
			}
		})
	}
}

func rowCards() map[string]core.Card {
	topicMenu := &core.Menu{Label: "Change", Options: []core.Option{{ID: "pb1|form|edit|1", Label: "Edit …"}, {ID: "pb1|do|preview|1", Label: "Preview"}, {ID: "pb1|do|mute|1", Label: "Pause"}, {ID: "pb1|do|unsubscribe|1", Label: "Unfollow"}}}
	topics := []core.Row{
		{Text: say.Say("#1 *diffusion* -\"stable diffusion\""), Small: say.Say("word diffusion in title or abstract, without stable diffusion · added by pi on 24 Nov 2025"), Menu: topicMenu},
		{Text: say.Say("#2 *lora*"), Small: say.Say("word lora in title or abstract · added by ana on 24 Nov 2025"), Menu: topicMenu},
	}
	choice := func(label string, options ...core.Option) *core.Menu {
		return &core.Menu{Label: label, Options: options}
	}
	home := core.Card{Title: "Paperboy", Lines: []say.Text{say.Say("New papers for the channels that follow topics, and votes on them.")}}
	home.Rows = append(home.Rows, core.Row{Text: say.Say("*#papers*"), Small: say.Say("weekdays 09:00 Berlin · next post Wed 09:00"),
		Buttons: []core.Button{{ID: "pb1|form|subscribe|1", Label: "Add a topic"}, {ID: "pb1|form|schedule|1", Label: "Set time"}, {ID: "pb1|do|today|1", Label: "What's new"}}})
	home.Rows = append(home.Rows, topics...)
	home.Rows = append(home.Rows, core.Row{Text: say.Say("Your reading list"), Small: say.Say("3 papers")})
	home.Papers = list(3)
	for i := range home.Papers {
		home.Papers[i].Buttons = []core.Button{{ID: "pb1|unsave|" + string(home.Papers[i].ID), Label: "Remove"}}
	}
	home.Menu = choice("Privacy", core.Option{ID: "pb1|do|privacy", Label: "What is kept about me"}, core.Option{ID: "pb1|forget", Label: "Delete everything about me …"})
	found := core.Card{Lines: []say.Text{say.Say("2,913 papers match *diffusion*: 6–10 of them.")}, Papers: list(5), Buttons: []core.Button{{ID: "pb1|page|a1|0", Label: "◀"}, {ID: "pb1|page|a1|10", Label: "Next 5 ▸"}, {ID: "pb1|share|a1", Label: "Share"}}}
	for i, v := range found.Papers {
		found.Papers[i].Buttons = []core.Button{{ID: "pb1|save|" + string(v.ID), Label: "Save"}, {ID: "pb1|similar|" + string(v.ID), Label: "Similar"}, {ID: "pb1|abstract|" + string(v.ID), Label: "Abstract"}, {Label: "PDF", URL: v.PDF}}
		found.Papers[i].Open = "pb1|show|" + string(v.ID)
	}
	nasty := core.Menu{Label: hostile, Options: []core.Option{{ID: "pb1|x", Label: hostile, Detail: hostile}, {ID: strings.Repeat("x", 151), Label: "too long an id"}, {ID: "pb1|y", Label: ""}}}
	return map[string]core.Card{
		"list": {Lines: []say.Text{say.Say("*#papers* follows 2 topics · weekdays 09:00 Berlin")}, Rows: topics, Buttons: []core.Button{{ID: "pb1|form|subscribe", Label: "Add a topic"}}},
		"settings": {Title: "Settings", Rows: []core.Row{
			{Text: say.Say("The post")},
			{Text: say.Say("*layout* channel"), Small: say.Say("papers stand in the channel"), Menu: choice("layout", core.Option{ID: "pb1|set|layout|channel", Label: "channel", Detail: "papers stand in the channel", Chosen: true}, core.Option{ID: "pb1|set|layout|thread", Label: "thread", Detail: "one message a day, papers in its thread"})},
			{Text: say.Say("*links* no"), Menu: choice("links", core.Option{ID: "pb1|set|links|yes", Label: "yes"}, core.Option{ID: "pb1|set|links|no", Label: "no", Chosen: true})},
			{Text: say.Say("*editors* members"), Buttons: []core.Button{{ID: "pb1|form|settings|editors", Label: "Change"}}},
		}},
		"home":       home,
		"page":       found,
		"rowhostile": {Rows: []core.Row{{Text: say.Say("%s", hostile), Small: say.Say("%s", hostile), Menu: &nasty, Buttons: []core.Button{{ID: "pb1|x", Label: hostile}, {ID: "pb1|y", Label: "y"}}}}, Menu: &nasty},
	}
}

// However much there is: Slack takes it, and what found no room is counted.
func TestRowsFitAndAreCounted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"word", "", "<!channel>", strings.Repeat("&", 700), strings.Repeat("long ", 100), hostile})
		button := rapid.Custom(func(t *rapid.T) core.Button {
			return core.Button{ID: "pb1|" + strings.Repeat("i", rapid.IntRange(0, 200).Draw(t, "id")), Label: text.Draw(t, "label"), URL: rapid.SampledFrom([]string{"", "", "https://arxiv.org/abs/1", "javascript:x"}).Draw(t, "url")}
		})
		menu := rapid.Custom(func(t *rapid.T) *core.Menu {
			m := &core.Menu{Label: text.Draw(t, "label")}
			for range rapid.IntRange(0, 25).Draw(t, "options") {
				m.Options = append(m.Options, core.Option{ID: button.Draw(t, "b").ID, Label: text.Draw(t, "label"), Detail: text.Draw(t, "detail"), Chosen: rapid.Bool().Draw(t, "chosen")})
			}
			return m
		})
		card := core.Card{Title: "title", Context: []say.Text{say.Say("the end")}}
		n := rapid.IntRange(1, 70).Draw(t, "rows")
		kind := core.Row{Text: say.Say("row %s", text.Draw(t, "text")), Small: say.Say("%s", text.Draw(t, "small")), Buttons: rapid.SliceOfN(button, 0, 7).Draw(t, "buttons")}
		if rapid.Bool().Draw(t, "has a menu") {
			kind.Menu = menu.Draw(t, "menu")
			card.Menu = kind.Menu
		}
		for range n {
			card.Rows = append(card.Rows, kind)
		}
		card.Papers = list(rapid.IntRange(0, 20).Draw(t, "papers"))
		for i := range card.Papers {
			card.Papers[i].Buttons = kind.Buttons
		}
		shown := shows(t, draw(card))
		if problems := fakeslack.CheckBlocks(shown.Blocks); len(problems) > 0 {
			t.Fatal(problems)
		}
		reads := shown.Reads()
		drawn := 0
		for _, b := range shown.Blocks {
			if text, _ := b["text"].(map[string]any); b["type"] == "section" && text != nil && strings.HasPrefix(strings.TrimLeft(text["text"].(string), "*`"), "row") {
				drawn++
			}
		}
		if drawn < n && !strings.Contains(reads, fmt.Sprintf("… and %d more", n-drawn)) {
			t.Fatalf("%d of %d rows, and nobody says so: %s", drawn, n, reads)
		}
		if !strings.HasSuffix(reads, "the end") {
			t.Fatalf("the end is not there: %s", reads)
		}
	})
}

// Whatever stands in a submission: errors belong to its inputs, and fit.
func FuzzSubmission(f *testing.F) {
	f.Add(`{"view":{"callback_id":"f","private_metadata":"{}","blocks":[{"type":"input","block_id":"a"}],"state":{"values":{"a":{"text":{"value":"x"}}}}}}`, "a", "wrong")
	f.Add(`{"view":{"state":{"values":{"a":{"t":{"selected_time":"09:00"}},"b":{"c":{"selected_option":{"value":"d"}}},"e":{"g":{"value":null,"selected_option":null}}}}}}`, "b", "")
	f.Fuzz(func(t *testing.T, payload, field, problem string) {
		var i interaction
		if json.Unmarshal([]byte(payload), &i) != nil {
			return
		}
		for name, value := range i.View.values() {
			if _, ok := i.View.State.Values[name]; !ok || value == "" {
				t.Errorf("%q is %q", name, value)
			}
		}
		inputs := map[string]bool{}
		for _, b := range i.View.Blocks {
			inputs[b.ID] = inputs[b.ID] || b.Type == "input"
		}
		for at, text := range i.View.problems(map[string]say.Text{field: say.Say("%s", problem)}) {
			if len(inputs) > 0 && !inputs[at] && at != field || text == "" || say.Length(text) > maxProblem {
				t.Errorf("%q at %q", text, at)
			}
		}
	})
}
