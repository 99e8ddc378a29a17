package query_test

import (
	"context"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/query"
)

func (s *shelf) Voters(_ context.Context, _ int64, since time.Time) (int, error) {
	s.since = since
	return 5, nil
}

func TestWhatEachTopicBroughtAndHowMuchOfItWasVotedFor(t *testing.T) {
	brought := func(d core.Delivery, topics ...string) core.Delivery {
		for _, topic := range topics {
			m := core.Matched{Topic: topic}
			if topic == "" {
				m.Liked = &core.Liked{Title: "A"}
			}
			d.Matched = append(d.Matched, m)
		}
		return d
	}
	s := &shelf{
		papers: []core.Paper{paper("a", "A", "cs.LG", "2026-11-20"), paper("b", "B", "cs.LG", "2026-11-23"), paper("c", "C", "cs.LG", "2026-11-24"), paper("d", "D", "cs.LG", "2026-11-01")},
		topics: follow(t, "diffusion", "lora", "robots"),
		posted: []core.Delivery{
			{Item: core.HeaderItem(core.DailyPost, now), Digest: 2, State: core.Posted},
			brought(posted("a", 2), "diffusion", "lora"), brought(posted("b", 3), "lora"), brought(posted("c", 3), ""), brought(posted("e", 3), "gone"),
			brought(posted("d", 1), "diffusion"), // before
		},
		digests: map[int64]time.Time{1: now.AddDate(0, 0, -20), 2: now.AddDate(0, 0, -1), 3: now},
		tally:   map[core.PaperID]core.Tally{"a": {Up: 2}, "c": {Up: 1, Down: 1}, "b": {Down: 1}, "old": {Up: 4}},
	}
	got, err := reader(s).Stats(t.Context(), channel(), "2026-11-18", 1)
	if err != nil {
		t.Fatal(err)
	}
	top := got.Top
	got.Top = nil
	same(t, got, query.Stats{
		Posts: 2, Papers: 4, Liked: 2, Votes: 7, Voters: 5,
		Topics: []query.Brought{
			{Topic: "lora", Number: 2, Papers: 2, Liked: 1},
			{Topic: "", Papers: 1, Liked: 1}, {Topic: "diffusion", Number: 1, Papers: 1, Liked: 1},
			{Topic: "gone", Papers: 1}, {Topic: "robot", Number: 3},
		},
	})
	if len(top) != 1 || top[0].Paper.ID != "a" || top[0].Votes != 2 {
		t.Errorf("the most voted are %+v", top)
	}
	same(t, s.counted.Format(time.RFC3339), "2026-11-18T00:00:00+01:00") // votes since that midnight here
}
