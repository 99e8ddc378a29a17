package arxiv

import (
	"time"

	"paperboy/core"
)

// Eastern is the clock that arXiv keeps.
var Eastern = func() *time.Location {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		return time.FixedZone("EST", -5*60*60)
	}
	return loc
}()

// Announces reports whether an announcement of that day is owed. arXiv
// announces Sunday to Thursday at 20:00 Eastern, and its feeds carry the batch
// under the next day's date, so Monday to Friday. About holidays its help page
// says that the feed of the day is empty, and its listings of 2025 and 2026
// were empty on the weekday after each: neither day is owed, and a batch that
// comes all the same is taken.
func Announces(d core.Date) bool {
	return core.IsWeekday(d) && !holiday(d) && !holiday(core.LastDay(d.AddDays(-1), core.IsWeekday))
}

// holiday follows the rules behind the days that arXiv's help page
// ("availability") names for 2026; the year's last days are named year by year.
func holiday(d core.Date) bool {
	t := d.Time(time.UTC)
	_, month, day := t.Date()
	nth := (day-1)/7 + 1 // the how-manieth of its weekday in the month
	switch month {
	case time.January:
		return day == 1 || nth == 3 && t.Weekday() == time.Monday
	case time.June:
		return day == 19
	case time.July: // the Fourth, or the weekday by its side
		return day == 4 || day == 3 && t.Weekday() == time.Friday || day == 5 && t.Weekday() == time.Monday
	case time.September:
		return nth == 1 && t.Weekday() == time.Monday
	case time.November:
		return nth == 4 && t.Weekday() == time.Thursday
	case time.December:
		return day == 25 || d == "2026-12-29" || d == "2026-12-31"
	}
	return false
}

// Window is when the papers of a day's announcement were submitted: what
// came from one 14:00 Eastern to the next is announced that evening, Friday's
// on Sunday and the weekend's on Monday.
func Window(d core.Date) (from, to time.Time) {
	return cutoff(core.LastDay(d.AddDays(-1), core.IsWeekday)), cutoff(d)
}

// cutoff is the last moment to be in the day's announcement, which is
// made the evening before; Sunday's takes what came until Friday.
func cutoff(d core.Date) time.Time {
	y, m, day := core.LastDay(d.AddDays(-1), core.IsWeekday).Time(time.UTC).Date()
	return time.Date(y, m, day, 14, 0, 0, 0, Eastern)
}

// Day is the day whose announcement has a paper that was submitted then,
// unless a moderator or a holiday held it up.
func Day(submitted time.Time) core.Date {
	for d := core.DateOf(submitted.In(Eastern)); ; d = d.AddDays(1) {
		if core.IsWeekday(d) && submitted.Before(cutoff(d)) {
			return d
		}
	}
}
