package core

import (
	"context"
	"time"

	"paperboy/core/say"
)

// Ingest asks the sources and keeps what they send.
type Ingest struct {
	Interval time.Duration // between two fetches of a source
}

// Poll asks the sources whose time has come.
func (i *Ingest) Poll(ctx context.Context) (Put, error) { return Put{}, nil }

// Complete is when a source's list of a day is as good as whole.
func (i *Ingest) Complete(source string, day Date) time.Time { return time.Time{} }

// Sentence says how a source is.
func (s SourceState) Sentence(now time.Time, loc *time.Location) say.Text { return nil }
