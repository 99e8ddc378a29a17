package core

import (
	"fmt"
	"time"
)

// Date is a calendar day without a zone, written 2026-11-23. Its zero value is
// an unknown day. Dates compare as strings do.
type Date string

const dateLayout = "2006-01-02"

// DateOf is the day t shows in its own location.
func DateOf(t time.Time) Date { return Date(t.Format(dateLayout)) }

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(dateLayout, s); err != nil {
		return "", fmt.Errorf("%q is not a date such as 2026-11-23", s)
	}
	return Date(s), nil
}

// Time is the start of the day in loc: midnight, or where a clock that is set
// forward leaves that out, the first moment after.
func (d Date) Time(loc *time.Location) time.Time {
	t, err := time.ParseInLocation(dateLayout, string(d), loc)
	if err != nil {
		return time.Time{}
	}
	for DateOf(t) < d { // package time may answer with an hour of the day before
		t = t.Add(15 * time.Minute) // which every zone's changes are multiples of
	}
	return t
}

// AddDays is the day n days later.
func (d Date) AddDays(n int) Date {
	if d == "" {
		return ""
	}
	return DateOf(d.Time(time.UTC).AddDate(0, 0, n))
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d < e }

// IsZero reports whether the day is unknown.
func (d Date) IsZero() bool { return d == "" }

// Weekday is d's day of the week.
func (d Date) Weekday() time.Weekday { return d.Time(time.UTC).Weekday() }

// IsWeekday reports whether d is Monday to Friday.
func IsWeekday(d Date) bool { wd := d.Weekday(); return wd != time.Saturday && wd != time.Sunday }

// LastDay is the newest day not after d that has what is asked for; zero when
// the month before d has none.
func LastDay(d Date, has func(Date) bool) Date {
	for range 31 {
		if has(d) {
			return d
		}
		d = d.AddDays(-1)
	}
	return ""
}
