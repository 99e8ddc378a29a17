package replay

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"paperboy/core"
)

// dailyPapers is /api/daily_papers.
func (r *Replay) dailyPapers(q url.Values, now time.Time) *http.Response {
	refuse := func(why string) *http.Response {
		return jsonAnswer(http.StatusBadRequest, map[string]string{"error": why})
	}
	today := core.DateOf(now)
	day := today
	if s := q.Get("date"); s != "" {
		d, err := core.ParseDate(s)
		if err != nil {
			return refuse("Invalid date")
		}
		day = d
	}
	if day > today {
		return refuse("Not later than today (UTC)")
	}
	if s := q.Get("sort"); s != "" && s != "publishedAt" && s != "trending" {
		return refuse("Invalid sort")
	}
	limit, page := 50, 0
	for name, n := range map[string]*int{"limit": &limit, "p": &page} {
		if s := q.Get(name); s != "" {
			v, err := strconv.Atoi(s)
			if err != nil {
				return refuse("Invalid " + name)
			}
			*n = v
		}
	}
	if limit < 1 || limit > 100 || page < 0 || page > 1_000_000 {
		return refuse("Invalid limit or page")
	}
	list, err := r.data.huggingFace(day, now)
	if err != nil {
		return jsonAnswer(http.StatusInternalServerError, map[string]string{"error": err.Error()})
	}
	from := min(page*limit, len(list))
	list = slices.Clone(list[from:min(from+limit, len(list))])
	if list == nil {
		list = []json.RawMessage{}
	}
	return jsonAnswer(http.StatusOK, list)
}
