package discord_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"paperboy/internal/fakediscord"
)

// A list's papers are one menu, and a page takes the place of the one before.
func TestAListIsTurnedInPlace(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		var all []int
		for n := range 30 {
			all = append(all, n+1)
		}
		l.lists("2025-11-24", all...)
		first := l.types(l.ana, "search", "query", "model* | diffusion | lora").Wait(1)[0]
		if n := len(first.Menus()); n != 1 || len(first.Menus()[0].Options) != 5 || len(first.Buttons()) > 3 {
			t.Fatalf("%d menus, %v", n, first.Buttons())
		}
		if first.Menus()[0].Placeholder != "Open a paper …" || first.Menus()[0].Options[0].Description == "" {
			t.Errorf("%+v", first.Menus()[0])
		}
		a := l.discord.Presses(l.ana, first, "Next 5 ▸")
		l.eventually("the second page", func() bool { return strings.Contains(l.discord.Message(first).Reads(), "6–10 of ") })
		second := l.discord.Message(first)
		if !a.Updated || len(a.Messages()) > 1 || second.For != l.ana.ID {
			t.Errorf("%+v", a.Messages())
		}
		for _, o := range second.Menus()[0].Options {
			if slices.Contains(first.Menus()[0].Options, o) {
				t.Errorf("%s is on both pages", o.Label)
			}
		}
		card := l.discord.Chooses(l.ana, second, second.Menus()[0].Options[4].Label).Wait(1)[0]
		if card.ID == second.ID || link(card) == "" || card.For != l.ana.ID {
			t.Errorf("%+v", card)
		}
		l.discord.Presses(l.ana, second, "◀ Previous")
		l.eventually("the first page", func() bool {
			return slices.Equal(l.discord.Message(first).Menus()[0].Options, first.Menus()[0].Options)
		})
		// What everybody sees stays as it is.
		shared := l.types(l.ana, "search", "query", "model* | diffusion | lora", "share", true).Wait(2)[1]
		if shared.For != "" || slices.ContainsFunc(shared.Buttons(), func(b fakediscord.Button) bool { return strings.HasPrefix(b.Label, "Next") }) {
			t.Errorf("%+v", shared.Buttons())
		}
		if opened := l.discord.Chooses(l.mod, shared, shared.Menus()[0].Options[0].Label).Wait(1)[0]; opened.For != l.mod.ID {
			t.Error("what one opens from a shared list is one's own")
		}
	})
}

// However many topics there are, each can be reached, and what there is no room for
// is counted.
func TestFiftyTopicsAreListedAndCanBeChanged(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		for n := range 5 {
			var topics []string
			for i := range 10 {
				topics = append(topics, fmt.Sprintf(`"graph neural networks %d" -survey`, n*10+i+1))
			}
			l.types(l.mod, "subscribe", "topic", strings.Join(topics, ", ")).Wait(1)
		}
		list := l.types(l.mod, "list").Wait(1)[0]
		l.sees(list.Reads(), "This channel follows 50 topics", "#50 ", "No post can come before a time is set")
		if menus := list.Menus(); len(menus) != 2 || len(menus[0].Options)+len(menus[1].Options) != 50 {
			t.Fatalf("%+v", menus)
		}
		one := l.discord.Chooses(l.mod, list, "#50 ").Wait(1)[0]
		if len(one.Menus()) != 1 {
			t.Fatalf("%+v", one)
		}
		a := l.discord.Chooses(l.mod, one, "Edit")
		if w := a.Window(); w == nil || !strings.Contains(w.Values["Topic"], "graph neural network 50") {
			t.Fatalf("%+v %s %+v", w, a.Error, one.Menus())
		}
		a.Submits(map[string]string{"Topic": "gnn"})
		l.eventually("the change", func() bool {
			return strings.Contains(l.types(l.ana, "list").Reads(), "#50 **gnn**") || strings.Contains(l.types(l.ana, "list").Reads(), "#50 gnn")
		})
	})
}

// A setting is chosen from a menu, each with what it means.
func TestASettingIsChosenFromAMenu(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		l.types(l.mod, "list").Wait(2)
		all := l.types(l.mod, "settings").Wait(1)[0]
		if len(all.Menus()) != 1 || len(all.Buttons()) != 0 {
			t.Fatalf("%+v", all)
		}
		free := l.discord.Chooses(l.mod, all, "Categories").Wait(1)[0] // of which there are more than a menu has
		a := l.discord.Presses(l.mod, free, "Other …")
		if w := a.Window(); w == nil || !strings.Contains(w.Values["Categories"], "stat.ML") {
			t.Fatalf("%+v %s", w, a.Error)
		}
		a.Submits(map[string]string{"Categories": "cs.CV"})
		l.eventually("the categories", func() bool { return l.row(l.channel).Settings.Scope.String() == "cs.CV" })
		for _, o := range all.Menus()[0].Options {
			if o.Description == "" {
				t.Errorf("%s says nothing", o.Label)
			}
		}
		i := slices.IndexFunc(all.Menus()[0].Options, func(o fakediscord.Option) bool { return strings.HasPrefix(o.Label, "Form of the post") })
		if i < 0 {
			t.Fatalf("%+v", all.Menus()[0].Options)
		}
		one := l.discord.Chooses(l.mod, all, all.Menus()[0].Options[i].Label).Wait(1)[0]
		chosen := 0
		for _, o := range one.Menus()[0].Options {
			if o.Chosen {
				chosen++
			}
		}
		if chosen != 1 {
			t.Errorf("%d are chosen: %+v", chosen, one.Menus())
		}
		var thread string
		for _, o := range one.Menus()[0].Options {
			if strings.Contains(o.Value, "thread") {
				thread = o.Label
			}
		}
		l.discord.Chooses(l.mod, one, thread)
		l.eventually("the layout", func() bool { return l.row(l.channel).Settings.Layout == "thread" })
	})
}
