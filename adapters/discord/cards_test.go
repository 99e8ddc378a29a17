package discord

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/testkit"
)

// aMorning is a post in layout cards with so many papers.
func aMorning(n int, change ...func(i int, v *core.View)) core.Card {
	c := core.Card{
		Title: "📰 Papers · Tue 10 Dec", Apart: true,
		Lines:   []say.Text{say.Say("*%d new for this channel* · first: %s", n, "Paper number 1"), say.Say("diffusion (4) · lora (3)")},
		Context: []say.Text{say.Say("👍 = vote"), say.Say("HF list of 9 Dec · next post %s", say.At(testkit.At("2025-12-11 09:00"), "Thu 09:00 Berlin"))},
	}
	for i := range n {
		v := aPaper()
		v.ID, v.Title = core.PaperID(fmt.Sprintf("2512.%05d", i)), fmt.Sprintf("Paper number %d", i+1)
		v.URL = "https://arxiv.org/abs/" + string(v.ID)
		v.Buttons = []core.Button{{ID: "pb1|up|" + string(v.ID), Label: "👍"}, {ID: "pb1|save|" + string(v.ID), Label: "Save"}}
		if i == 1 {
			v.Buttons[0].Label = "👍 2"
		}
		for _, f := range change {
			f(i, &v)
		}
		c.Papers = append(c.Papers, v)
	}
	return c
}

func TestMorningsLookLikeTheirPictures(t *testing.T) {
	for name, card := range map[string]core.Card{
		"cards": aMorning(3, func(i int, v *core.View) {
			if i < 2 {
				v.Thumbnail = fmt.Sprintf("https://cdn-thumbnails.huggingface.co/%d.png", i)
			}
			v.Struck = i == 2
		}),
		"cards-of-ten":  aMorning(10),
		"cards-as-list": aMorning(3).AsList(),
		"cards-of-strangers": aMorning(1, func(_ int, v *core.View) {
			v.Title, v.Excerpt = "@everyone [arXiv](https://evil.example) **bold**\n# heading", "# a heading\n- a list\n> a quote <@123> :smile:"
			v.Thumbnail = "https://evil.example/x.png"
		}),
	} {
		t.Run(name, func(t *testing.T) { testkit.LooksLike(t, name+".json", testkit.JSON(t, draw(card))) })
	}
}

// However much there is to say of up to ten papers: 40 components, 4,000
// characters, each paper with its title, and something to press for each button.
func TestAMorningFitsIntoOneMessage(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, n int, title, excerpt, authors, line string, pictured func(i int) bool) {
		c := aMorning(n, func(i int, v *core.View) {
			v.Title, v.Excerpt, v.Authors, v.Thumbnail = fmt.Sprintf("Paper%d ", i)+title, excerpt, authors, ""
			if pictured(i) {
				v.Thumbnail = "https://cdn-thumbnails.huggingface.co/x.png"
			}
		})
		c.Lines = append(c.Lines, say.Text{{Text: line}})
		m := draw(c)
		components, chars, pressable := 0, 0, map[string]bool{}
		var all strings.Builder
		var walk func(cs []component)
		walk = func(cs []component) {
			for _, k := range cs {
				components++
				chars += say.Length(k.Content)
				all.WriteString(k.Content)
				pressable[k.CustomID] = true
				for _, o := range k.Options {
					pressable[o.Value] = true
				}
				if k.Type == kindTextShown && strings.TrimSpace(k.Content) == "" {
					t.Fatalf("an empty text")
				}
				if k.Accessory != nil {
					walk([]component{*k.Accessory})
				}
				walk(k.Components)
			}
		}
		walk(m.Components)
		if components > 40 || chars > 4000 {
			t.Fatalf("%d papers are %d components and %d characters", n, components, chars)
		}
		for i, v := range c.Papers {
			if !strings.Contains(all.String(), fmt.Sprintf("Paper%d", i)) {
				t.Fatalf("paper %d has no title in %s", i, all.String())
			}
			for _, b := range v.Buttons {
				if !pressable[b.ID] {
					t.Fatalf("of %d, %s cannot be pressed", n, b.ID)
				}
			}
		}
		b, err := json.Marshal(m)
		if err != nil || strings.Contains(string(b), `"embeds"`) || strings.HasPrefix(string(b), `{"content"`) || !strings.Contains(string(b), `"flags":32768`) {
			t.Fatalf("%s, %v", b, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab *_[]()<>@#\\ü😀\n")), 1, 700, -1)
		check(t, rapid.IntRange(1, 10).Draw(t, "papers"), text.Draw(t, "title"), text.Draw(t, "excerpt"), text.Draw(t, "authors"), text.Draw(t, "line"),
			func(int) bool { return rapid.Bool().Draw(t, "pictured") })
	})
	long := strings.Repeat("long [and] *wild* ", 300)
	for n := range 10 {
		check(t, n+1, long, long, long, long, func(int) bool { return true })
	}
}
