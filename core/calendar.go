package core

import "time"

// Eastern is the clock that arXiv keeps.
var Eastern = func() *time.Location {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		return time.FixedZone("EST", -5*60*60)
	}
	return loc
}()

// IsWeekday reports whether d is Monday to Friday: the days for which Hugging
// Face has a list and arXiv an announcement.
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

// ArxivAnnounces reports whether an announcement of that day is owed. arXiv
// announces Sunday to Thursday at 20:00 Eastern, and its feeds carry the batch
// under the next day's date, so Monday to Friday. About holidays its help page
// says that the feed of the day is empty, and its listings of 2025 and 2026
// were empty on the weekday after each: neither day is owed, and a batch that
// comes all the same is taken.
func ArxivAnnounces(d Date) bool {
	return IsWeekday(d) && !arxivHoliday(d) && !arxivHoliday(LastDay(d.AddDays(-1), IsWeekday))
}

// arxivHoliday follows the rules behind the days that arXiv's help page
// ("availability") names for 2026; the year's last days are named year by year.
func arxivHoliday(d Date) bool {
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

// ArxivWindow is when the papers of a day's announcement were submitted: what
// came from one 14:00 Eastern to the next is announced that evening, Friday's
// on Sunday and the weekend's on Monday.
func ArxivWindow(d Date) (from, to time.Time) {
	return arxivCutoff(LastDay(d.AddDays(-1), IsWeekday)), arxivCutoff(d)
}

// arxivCutoff is the last moment to be in the day's announcement, which is
// made the evening before; Sunday's takes what came until Friday.
func arxivCutoff(d Date) time.Time {
	y, m, day := LastDay(d.AddDays(-1), IsWeekday).Time(time.UTC).Date()
	return time.Date(y, m, day, 14, 0, 0, 0, Eastern)
}

// ArxivDay is the day whose announcement has a paper that was submitted then,
// unless a moderator or a holiday held it up.
func ArxivDay(submitted time.Time) Date {
	for d := DateOf(submitted.In(Eastern)); ; d = d.AddDays(1) {
		if IsWeekday(d) && submitted.Before(arxivCutoff(d)) {
			return d
		}
	}
}
