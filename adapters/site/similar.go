package site

import (
	"context"
	"sync"
	"time"

	"paperboy/core"
)

// What is similar to a paper is nine tenths of the work of its page, the same for
// everybody, and changes only with what comes. So it is remembered for a while.
const (
	similarTime = time.Hour
	similarKept = 2000 // papers; then all are forgotten
)

// neighbours remembers what is similar to papers.
type neighbours struct {
	mu sync.Mutex
	of map[core.PaperID]remembered
}

type remembered struct {
	at  time.Time
	ids []core.PaperID
}

// similar are the papers most like one.
func (s *Site) similar(ctx context.Context, p *core.Paper) ([]core.Paper, error) {
	now := s.Now()
	s.near.mu.Lock()
	had, ok := s.near.of[p.ID]
	s.near.mu.Unlock()
	if age := now.Sub(had.at); ok && age >= 0 && age < similarTime {
		return s.Store.Papers(ctx, had.ids)
	}
	near, err := s.Query.Nearest(ctx, p)
	if err != nil {
		return nil, err
	}
	near = near[:min(similarMost, len(near))]
	ids := make([]core.PaperID, len(near))
	for i := range near {
		ids[i] = near[i].ID
	}
	s.near.mu.Lock()
	defer s.near.mu.Unlock()
	if s.near.of == nil || len(s.near.of) >= similarKept {
		s.near.of = map[core.PaperID]remembered{}
	}
	s.near.of[p.ID] = remembered{now, ids}
	return near, nil
}
