package feed

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
)

// How feeds write dates: as RFC 3339 and ISO 8601 have it, as RFC 822 has it
// with every liberty, and as Americans do.
var (
	isoDate  = regexp.MustCompile(`^(\d{4})-?(\d{2})(?:-?(\d{2}))?(?:[T ]+(\d{2}):?(\d{2})(?::?(\d{2}))?(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?`)
	mailDate = regexp.MustCompile(`(\d{1,2})(?:st|nd|rd|th)?[ \-.]+([A-Za-z]{3,9})[ \-.,]+(\d{4}|\d{2})(?:,?[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?\s*([A-Za-z]{1,5}\b|[+-]\d{2}:?\d{2})?`)
	usDate   = regexp.MustCompile(`([A-Za-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})`)
	offset   = regexp.MustCompile(`^([+-])(\d{2}):?(\d{2})$`)
)

var months = map[string]time.Month{}

func init() {
	for m := time.January; m <= time.December; m++ {
		months[strings.ToLower(m.String()[:3])] = m
	}
}

// zones of RFC 822, in hours before UTC; whatever else is called a zone is UTC.
var zones = map[string]int{"est": 5, "edt": 4, "cst": 6, "cdt": 5, "mst": 7, "mdt": 6, "pst": 8, "pdt": 7, "cet": -1, "cest": -2, "bst": -1, "jst": -9}

// dayOf is the day, in UTC, that a date of a feed names; zero where it names none.
func dayOf(s string) core.Date {
	s = strings.TrimSpace(s)
	year, month, day, hour, minute, zone := "", time.Month(0), "", "", "", ""
	if m := isoDate.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[2])
		year, month, day, hour, minute, zone = m[1], time.Month(n), m[3], m[4], m[5], m[7]
	} else if m := mailDate.FindStringSubmatch(s); m != nil && months[strings.ToLower(m[2][:3])] != 0 {
		year, month, day, hour, minute, zone = m[3], months[strings.ToLower(m[2][:3])], m[1], m[4], m[5], m[7]
	} else if m := usDate.FindStringSubmatch(s); m != nil {
		year, month, day = m[3], months[strings.ToLower(m[1][:3])], m[2]
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	y, d := number(year), number(day)
	if len(year) == 2 {
		if y += 2000; y > 2070 {
			y -= 100
		}
	}
	if year != "" && day == "" {
		d = 1
	}
	t := time.Date(y, month, d, number(hour), number(minute), 0, 0, time.UTC)
	if y <= 1990 || month < 1 || month > 12 || t.Month() != month && hour < "24" || d < 1 || d > 31 {
		return ""
	}
	if m := offset.FindStringSubmatch(zone); m != nil {
		by := time.Duration(number(m[2]))*time.Hour + time.Duration(number(m[3]))*time.Minute
		if m[1] == "+" {
			by = -by
		}
		t = t.Add(by)
	} else {
		t = t.Add(time.Duration(zones[strings.ToLower(zone)]) * time.Hour)
	}
	return core.DateOf(t)
}
