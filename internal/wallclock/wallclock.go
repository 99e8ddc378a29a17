// Package wallclock is the clock of real processes: a calendar, maybe shifted,
// and waiting by the machine's time.
package wallclock

import (
	"time"

	"paperboy/core"
)

// New is a clock whose calendar is now.
func New(now func() time.Time) core.Clock { return clock(now) }

type clock func() time.Time

func (c clock) Now() time.Time { return c() }

func (c clock) After(d time.Duration) (<-chan struct{}, func()) {
	over := make(chan struct{})
	t := time.AfterFunc(d, func() { close(over) })
	return over, func() { t.Stop() }
}
