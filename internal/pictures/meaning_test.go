package pictures

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"

	"paperboy/internal/catalogue"
	"paperboy/internal/testkit"
)

// ids are those of the fakes, which are others from run to run.
var ids = regexp.MustCompile(`\b\d{17,20}\b`)

// meant is a channel that votes, and what meaning answers there: near misses, a paper
// that was missed and what would bring its like, a day that adds up, what it likes.
func (l *lab) meant() {
	l.Helper()
	days := catalogue.Days()
	order := slices.Sorted(maps.Keys(days))
	last := order[len(order)-1]
	l.until("2026-04-27 12:00")
	defer l.opens()()
	for _, day := range order {
		if day < last {
			l.source.Fetches(l, l.bot, days[day]...)
		}
	}
	l.slack.Invite("paperboy", "papers")
	for _, command := range []string{"subscribe video, agent -benchmark", "schedule 09:00 Europe/Berlin weekdays", "settings max:4", "mute survey for:7d"} {
		l.slack.Types("pi", "papers", "/papers "+command).Wait(1)
	}
	l.asks("subscribe", "topic", "video, agent -benchmark")
	l.asks("schedule", "time", "09:00", "zone", "Europe/Berlin", "days", "weekdays")
	l.asks("settings", "max", 4)
	l.asks("mute", "what", "survey", "for", "7d")
	l.until("2026-04-28 08:30")
	l.source.Fetches(l, l.bot, days[last]...)
	l.until("2026-04-28 09:00")
	before, beside := len(l.slack.Posts("papers")), len(l.discord.Posts(l.channel))
	if err := l.bot.Tick(context.Background()); err != nil {
		l.Fatal(err)
	}
	for _, m := range l.slack.Posts("papers")[before+1:] {
		l.slack.Reacts("ana", m, "+1")
	}
	for _, m := range l.discord.Posts(l.channel)[beside+1:] {
		l.discord.Reacts(l.mod, m, "👍")
	}
	l.until("2026-04-28 09:05")
	for _, a := range []struct{ name, typed, verb, option, value string }{
		{"near-today", "today 2026-04-17", "today", "date", "2026-04-17"},
		{"near-preview", "preview video", "preview", "topic", "video"},
		{"missed", "missed 2604.24300", "why", "paper", "2604.24300"},
		{"audit", "audit", "more audit", "", ""},
		{"taste", "taste", "more taste", "", ""},
		{"learn", "learn making videos of people speak", "more learn", "papers", "making videos of people speak"},
	} {
		l.answers(a.name, a.typed, a.verb, a.option, a.value)
	}
}

func TestWhatMeaningAnswersAsPeopleSeeIt(t *testing.T) {
	l := &lab{TB: t}
	synctest.Test(t, func(t *testing.T) {
		l.TB = t
		l.meant()
	})
	for _, p := range l.pages {
		for _, shown := range p.shown {
			testkit.LooksLike(t, p.skin.Name+"-"+p.name+".html", ids.ReplaceAll([]byte(shown), []byte("ID")))
		}
	}
	paint(t, l.pages)
}
