package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// ParseSchedule reads what is typed after `/papers schedule`: a time, a zone
// and days in any order, "09:00 Europe/Berlin weekdays". What is missing stays
// as in old. Times: 9, 9:00, 17:30, 5pm, 5:30 pm. Zones: an IANA name in any
// case, or its city alone ("Berlin", "New York"). Days: weekdays, weekends,
// daily, weekly:mon, mon,wed,fri, mon-fri. The error is a *UserError, of a zone that
// nobody knows a *ZoneError.
func ParseSchedule(words string, old Schedule) (Schedule, error) {
	type word struct {
		text string
		col  int
	}
	var typed []word
	rest, col := words, 1
	for _, f := range strings.Fields(words) {
		i := strings.Index(rest, f)
		col += utf8.RuneCountInString(rest[:i])
		if t := strings.Trim(f, ","); t != "" {
			typed = append(typed, word{t, col})
		}
		rest, col = rest[i+len(f):], col+utf8.RuneCountInString(f)
	}

	s := old
	var days Days
	var clock, weekly string
	var zone word
	at := func(w word, format string, args ...any) error {
		e := Userf("E-PARSE", format, args...)
		e.Col = w.col
		return e
	}
	for i := 0; i < len(typed); i++ {
		w := typed[i]
		low := strings.ToLower(w.text)
		if looksLikeTime(low) {
			if i+1 < len(typed) && (strings.EqualFold(typed[i+1].text, "am") || strings.EqualFold(typed[i+1].text, "pm")) {
				i++
				low += strings.ToLower(typed[i].text)
			}
			t, ok := parseClock(low)
			if !ok {
				return old, at(w, "`%s` is not a time of day. Write `09:00`, `17:30` or `5pm`.", w.text)
			}
			if clock != "" && clock != t {
				return old, at(w, "I found two times, `%s` and `%s`. A channel has one post a day; give one of them.", clock, t)
			}
			clock = t
			continue
		}
		if low == "weekly" {
			weekly = w.text
			continue
		}
		list, isWeekly := strings.CutPrefix(low, "weekly:")
		if d, ok := parseDays(list); ok {
			days |= d
			continue
		}
		if isWeekly {
			return old, at(w, "I do not know the day `%s`. Write `weekly:mon`, or `weekdays` or `daily`.", w.text[len("weekly:"):])
		}
		switch {
		case zone.text == "":
			zone = w
		case knownZone(zone.text) != "" && knownZone(zone.text+" "+w.text) == "":
			return old, at(w, "I could not read `%s`. Write a time, a zone and days: `09:00 Europe/Berlin weekdays`.", w.text)
		default: // a city of several words
			zone.text += " " + w.text
		}
	}
	if clock != "" {
		s.Time = clock
	}
	if zone.text != "" {
		if s.Zone = knownZone(zone.text); s.Zone == "" {
			e := Userf("E-ZONE", "I do not know the zone `%s`. Use a name such as `Europe/Berlin`.", zone.text)
			e.Col = zone.col
			return old, &ZoneError{e, zone.text}
		}
	}
	if days != 0 {
		s.Days = days
	} else if weekly != "" {
		return old, Userf("E-PARSE", "Weekly on which day? Write `weekly:mon`.")
	}
	return s, nil
}

func looksLikeTime(low string) bool {
	return low[0] >= '0' && low[0] <= '9'
}

// parseClock reads a time of day into the form "09:00".
func parseClock(low string) (string, bool) {
	digits, pm := strings.CutSuffix(low, "pm")
	digits, am := strings.CutSuffix(digits, "am")
	hours, minutes, colon := strings.Cut(digits, ":")
	if len(hours) > 2 || colon && len(minutes) != 2 {
		return "", false
	}
	h, err := strconv.ParseUint(hours, 10, 8)
	if err != nil {
		return "", false
	}
	var m uint64
	if colon {
		if m, err = strconv.ParseUint(minutes, 10, 8); err != nil {
			return "", false
		}
	}
	switch {
	case am && pm:
		return "", false
	case (am || pm) && (h < 1 || h > 12):
		return "", false
	case am || pm:
		h %= 12
		if pm {
			h += 12
		}
	}
	return fmt.Sprintf("%02d:%02d", h, m), h < 24 && m < 60
}

const weekends = Daily &^ Weekdays

// parseDays reads daily, weekdays, weekends and lists of names and ranges:
// "mon,wed", "mon-fri".
func parseDays(low string) (days Days, ok bool) {
	for part := range strings.SplitSeq(low, ",") {
		switch part {
		case "daily", "everyday":
			days |= Daily
			continue
		case "weekdays", "weekday", "workdays":
			days |= Weekdays
			continue
		case "weekends", "weekend":
			days |= weekends
			continue
		}
		from, to, ranged := strings.Cut(strings.ReplaceAll(part, "–", "-"), "-")
		first, ok := parseWeekday(from)
		if !ok {
			return 0, false
		}
		last := first
		if ranged {
			if last, ok = parseWeekday(to); !ok {
				return 0, false
			}
		}
		for d := first; ; d = (d + 1) % 7 {
			days |= 1 << d
			if d == last {
				break
			}
		}
	}
	return days, true
}

// parseWeekday knows a day by any beginning of its name from two letters that
// is its alone, and by its plural.
func parseWeekday(low string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(low) >= 2 && strings.HasPrefix(strings.ToLower(d.String())+"s", low) {
			return d, true
		}
	}
	return 0, false
}

// knownZone is the canonical spelling of a zone named in any case or by its
// city, empty when there is none or more than one.
func knownZone(name string) string {
	name = strings.ReplaceAll(name, " ", "_")
	lists := [][]string{currentZones, formerZones}
	for _, zones := range lists {
		for _, z := range zones {
			if strings.EqualFold(z, name) {
				return z
			}
		}
	}
	for _, zones := range lists {
		found := ""
		for _, z := range zones {
			if strings.EqualFold(z[strings.LastIndexByte(z, '/')+1:], name) {
				if found != "" {
					return ""
				}
				found = z
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// Zones completes the name of a zone: at most limit names whose beginning, or
// whose city's beginning, is prefix in any case; the former come first.
func Zones(prefix string, limit int) []string {
	prefix = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(prefix), " ", "_"))
	var whole, city []string
	for _, z := range currentZones {
		low := strings.ToLower(z)
		if strings.HasPrefix(low, prefix) {
			whole = append(whole, z)
		} else if strings.Contains(low, "/"+prefix) {
			city = append(city, z)
		}
	}
	all := append(whole, city...)
	return all[:max(0, min(limit, len(all)))]
}

var locations sync.Map // zone name → *time.Location; reading one costs a file

// Location is the schedule's zone; ok is false when none is set or this
// machine does not know it.
func (s Schedule) Location() (loc *time.Location, ok bool) {
	if s.Zone == "" || s.Zone == "Local" {
		return nil, false
	}
	if l, ok := locations.Load(s.Zone); ok {
		return l.(*time.Location), true
	}
	loc, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, false
	}
	locations.Store(s.Zone, loc)
	return loc, true
}

// Next is the first due instant strictly after the given one; ok is false when
// the schedule has no zone, no time or no day, and so is never due.
//
// Each chosen local day has exactly one due instant, on that day, whatever its
// length. A time that the clock shows twice means the first. A time that the
// clock skips is moved by what was skipped, as RFC 5545 (3.3.5) has it: 02:30
// becomes 03:30; only where that would be the next day, it is moved back
// instead. A day that a zone leaves out altogether (Samoa, 30 December 2011)
// has none.
func (s Schedule) Next(after time.Time) (due time.Time, ok bool) {
	loc, ok := s.Location()
	clock, err := time.Parse("15:04", s.Time)
	if !ok || err != nil || s.Days&Daily == 0 {
		return time.Time{}, false
	}
	y, m, d := after.In(loc).Date()
	wall := time.Date(y, m, d-1, clock.Hour(), clock.Minute(), 0, 0, time.UTC)
	for range 2*7 + 2 { // a weekly post, its day left out once
		if s.Days.Has(wall.Weekday()) {
			if due, ok := atWall(wall, loc); ok && due.After(after) {
				return due, true
			}
		}
		wall = wall.AddDate(0, 0, 1)
	}
	return time.Time{}, false
}

// atWall is the instant at which clocks in loc show what wall, a time in UTC,
// shows; see Next for skipped and repeated times.
func atWall(wall time.Time, loc *time.Location) (time.Time, bool) {
	y, m, d := wall.Date()
	t := time.Date(y, m, d, wall.Hour(), wall.Minute(), 0, 0, loc)
	under := func(zoned time.Time) time.Time { // wall, read under the offset in force at zoned
		_, offset := zoned.Zone()
		return wall.Add(-time.Duration(offset) * time.Second).In(loc)
	}
	if other := under(t); !other.Equal(t) { // skipped: one lies before the gap, one after it
		if other.Before(t) {
			t, other = other, t
		}
		if other.Day() == d {
			return other, true
		}
		return t, t.Day() == d
	}
	if start, _ := t.ZoneBounds(); !start.IsZero() {
		if first := under(start.Add(-1)); first.Before(start) && first.Before(t) {
			return first, true
		}
	}
	return t, true
}

// String is the schedule as one would type it: "09:00 Europe/Berlin weekdays".
func (s Schedule) String() string {
	return strings.Join(slices.DeleteFunc([]string{s.Time, s.Zone, s.Days.String()}, isEmpty), " ")
}

// Human is the schedule as one would say it: "weekdays 09:00 Berlin".
func (s Schedule) Human() string {
	return strings.Join(slices.DeleteFunc([]string{s.Days.human(), s.Time, City(s.Zone)}, isEmpty), " ")
}

func isEmpty(s string) bool { return s == "" }

// String is the days as one would type them: "weekdays", "weekly:mon",
// "mon,wed,fri"; empty for none.
func (s Days) String() string {
	switch names := s.names(); {
	case s == Daily:
		return "daily"
	case s == Weekdays:
		return "weekdays"
	case len(names) == 1:
		return "weekly:" + strings.ToLower(names[0][:3])
	default:
		for i, n := range names {
			names[i] = strings.ToLower(n[:3])
		}
		return strings.Join(names, ",")
	}
}

func (s Days) human() string {
	switch names := s.names(); {
	case s == Daily || s == Weekdays:
		return s.String()
	case len(names) == 1:
		return names[0] + "s"
	default:
		for i, n := range names {
			names[i] = n[:3]
		}
		return strings.Join(names, ", ")
	}
}

// names are the days' English names from Monday on.
func (s Days) names() []string {
	var names []string
	for i := range time.Weekday(7) {
		if d := (i + 1) % 7; s.Has(d) {
			names = append(names, d.String())
		}
	}
	return names
}

// City is how people call a zone: "Berlin", "Buenos Aires", "UTC".
func City(zone string) string {
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}

// When tells an instant to people of loc: "Wed 25 Nov 09:00 (Berlin), in 16 h".
// What is past has no distance.
func When(t, now time.Time, loc *time.Location) string {
	s := t.In(loc).Format("Mon 2 Jan 15:04") + " (" + City(loc.String()) + ")"
	in := t.Sub(now)
	minutes, hours := int(in.Round(time.Minute)/time.Minute), int(in.Round(time.Hour)/time.Hour)
	switch {
	case in <= 0:
		return s
	case minutes < 1:
		return s + ", in less than a minute"
	case minutes < 60:
		return fmt.Sprintf("%s, in %d min", s, minutes)
	case hours < 48:
		return fmt.Sprintf("%s, in %d h", s, hours)
	}
	return fmt.Sprintf("%s, in %d days", s, (hours+12)/24)
}

// ParseSpan reads a length of time: 12h, 7d, 2w, or forever, which has no
// length. At most ten years.
func ParseSpan(s string) (span time.Duration, forever, ok bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), ""))
	if s == "forever" || s == "always" {
		return 0, true, true
	}
	i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if i <= 0 {
		return 0, false, false
	}
	n, err := strconv.Atoi(s[:i])
	var unit time.Duration
	switch s[i:] {
	case "h", "hour", "hours":
		unit = time.Hour
	case "d", "day", "days":
		unit = 24 * time.Hour
	case "w", "week", "weeks":
		unit = 7 * 24 * time.Hour
	}
	if err != nil || unit == 0 || n < 1 || n > int(10*366*24*time.Hour/unit) {
		return 0, false, false
	}
	return time.Duration(n) * unit, false, true
}

// ParseSince reads how far back to look, 7d, 2w, 2026-11-01, today or
// yesterday, and gives the first day that is included. A span reaches back to
// the day on which it began. The error is a *UserError.
func ParseSince(s string, today Date) (Date, error) {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "today":
		return today, nil
	case "yesterday":
		return today.AddDays(-1), nil
	}
	if span, forever, ok := ParseSpan(s); ok && !forever {
		const day = 24 * time.Hour
		return today.AddDays(-int((span + day - 1) / day)), nil
	}
	if d, err := ParseDate(s); err == nil {
		return d, nil
	}
	return "", Userf("E-PARSE", "I could not read `since:%s`. Write `7d`, `2w` or a day such as `2026-11-01`.", s)
}
