package journey

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/adapters/web"
	"paperboy/core"
)

// A week in #papers is the same week, to the letter, whatever people follow, vote
// for, mute, hold and miss in a channel that those in #papers cannot read.
func TestAPrivateChannelChangesNothingElsewhere(t *testing.T) {
	week := func(den bool) (seen []string) {
		w := newTown(t)
		w.chat.Room = web.NewRoom(w.clock, papersChannel, "den")
		inDen := func(words string) {
			if !den {
				return
			}
			if r := w.bot.Do(w.Context(), core.Request{Channel: channel("den"), Name: "#canary", Private: true, User: core.User{Key: "web:cem", Name: "canary"}, Text: words}); r.Failed {
				t.Fatal(words, text(r.Card))
			}
		}
		w.says("pi", "subscribe diffusion, lora")
		w.says("pi", "settings weekly:yes quiet:note")
		w.says("pi", "schedule 09:00 Europe/Berlin daily")
		inDen("subscribe diffusion, lora, federated, imbalance*")
		inDen("settings max:15 notforus:1 weekly:yes layout:thread scope:all")
		inDen("mute video for:forever")
		inDen("schedule 08:30 Europe/Berlin daily")
		w.chat.fail = func(p core.Post) error {
			if p.Channel == channel("den") && strings.Contains(p.Card.Title, "27 Nov") {
				return &core.Refused{Reason: "canary"}
			}
			return nil
		}
		days := [][]int{{1, 2, 3, 5, 9}, {28, 17, 12, 14}, {19, 20, 27}, {}, {}, {4}, {}}
		for i, papers := range days {
			day := at("2025-11-25 08:20").AddDate(0, 0, i)
			w.now = day
			if len(papers) > 0 {
				w.lists(core.DateOf(day), false, papers...)
			}
			w.until(day.Add(10 * 60e9)) // 08:30
			for n, p := range w.chat.posts {
				if p.Channel != channel("den") || len(p.Card.Papers) != 1 {
					continue
				}
				for k, emoji := range []string{"👍", "👎", "🔖", "🔥"}[n%3:] {
					if err := w.bot.React(w.Context(), core.Reaction{Channel: channel("den"), Message: p.Ref.ID, User: user(fmt.Sprint("den", k)), Emoji: emoji, Added: true, Order: int64(n + 1), At: w.now}); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.until(day.Add(40 * 60e9)) // 09:00
			if i == 0 {
				for _, p := range w.chat.posts {
					emoji := map[core.PaperID]string{seedID(3): "👍", seedID(1): "👎"}
					if p.Channel != channel(papersChannel) || len(p.Card.Papers) != 1 || emoji[p.Card.Papers[0].ID] == "" {
						continue
					}
					if err := w.bot.React(w.Context(), core.Reaction{Channel: p.Channel, Message: p.Ref.ID, User: user("ana"), Emoji: emoji[p.Card.Papers[0].ID], Added: true, Order: 1, At: w.now}); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, words := range []string{"today", "top", "list", "status", "why " + string(seedID(2)), "similar " + string(seedID(1)), "saved", "export csv what:posted", "export bibtex what:top since:30d"} {
				r := w.says("ana", words)
				line := words + "\n" + text(r.Card)
				if r.File != nil {
					line += string(r.File.Data)
				}
				seen = append(seen, line)
			}
			inDen("pause 1d")
			inDen("resume")
		}
		for _, p := range w.chat.posts {
			if p.Channel == channel(papersChannel) {
				seen = append(seen, fmt.Sprint(p.Place, p.Silent, p.Edits, " ", text(p.Card)))
			}
		}
		return seen
	}
	quiet, loud := week(false), week(true)
	if len(quiet) < 70 {
		t.Fatalf("only %d messages and answers", len(quiet))
	}
	if diff := cmp.Diff(quiet, loud); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(strings.Join(loud, "\n"), "canary") {
		t.Error("the canary sings")
	}
}
