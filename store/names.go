package store

import (
	"errors"
	"slices"
	"strings"

	"paperboy/core"
)

// identified is what has to be written down about the names of a paper once
// the paper is there.
type identified struct {
	source  string
	missing []core.Name // which are to be its own
	shared  []core.Name // which are to be nobody's
}

// identify gives the paper the id of the one that it is, found by the strongest
// of its names, or a new one. A guid or a DOI that is known says which it is. A
// link does so too, but not against a guid: where the link's paper has another
// guid in the same feed it is another paper, unless title and day are the same
// (a site that was built anew gives all its entries new guids).
func (t tx) identify(news *core.Seen) (found identified, err error) {
	if len(news.Names) == 0 {
		return found, nil
	}
	found.source = news.Sighting.Source
	type row struct {
		name  int64
		paper *core.Seq
	}
	numbers := make([]int64, 0, len(news.Names))
	for _, n := range news.Names {
		if n.Kind != core.NameEarlier {
			numbers = append(numbers, n.Number(found.source))
		}
	}
	rows, err := all(t, func(r *row) []any { return []any{&r.name, &r.paper} }, `SELECT name, paper FROM names WHERE `+in("name", "$1"), many(numbers))
	if err != nil {
		return found, err
	}
	known := make(map[int64]*core.Seq, len(rows))
	for _, r := range rows {
		known[r.name] = r.paper
	}
	var own []core.Name // which may say what paper it is
	var link string
	for _, n := range news.Names {
		seq, there := known[n.Number(found.source)]
		if n.Kind == core.NameLink {
			link = n.Value
		}
		switch {
		case n.Kind == core.NameEarlier:
		case n.Shared:
			if !there || seq != nil {
				found.shared = append(found.shared, n)
			}
		case there && seq == nil: // several have carried it
		default:
			own = append(own, n)
			if !there {
				found.missing = append(found.missing, n)
			}
		}
	}
	guid := slices.ContainsFunc(own, func(n core.Name) bool { return n.Kind == core.NameGUID })
	for _, n := range own {
		seq := known[n.Number(found.source)]
		if seq == nil {
			continue
		}
		mine := true
		if n.Kind == core.NameLink && guid {
			if mine, err = t.sameEntry(*seq, news, false); err != nil {
				return found, err
			}
		}
		if mine {
			return found, t.one([]any{&news.Paper.ID}, `SELECT id FROM papers WHERE seq = $1`, *seq)
		}
	}
	for _, n := range news.Names {
		if n.Kind != core.NameEarlier {
			continue
		}
		var seq core.Seq
		err := t.one([]any{&seq}, `SELECT seq FROM papers WHERE id = $1`, n.Value)
		if errors.Is(err, core.ErrNotFound) {
			continue
		}
		if err != nil {
			return found, err
		}
		if mine, err := t.sameEntry(seq, news, n.Shared); mine || err != nil {
			news.Paper.ID = core.PaperID(n.Value)
			return found, err
		}
	}
	if len(found.missing) > 0 {
		news.Paper.ID = found.missing[0].ID(found.source)
	} else { // nothing is its own but what it is called
		news.Paper.ID = core.Name{Kind: core.NameTitle, Value: link + "\n" + strings.ToLower(news.Paper.Title)}.ID(found.source)
	}
	return found, nil
}

// sameEntry reports whether a paper that is found by an entry's link is that
// entry's. exactly asks for the same title in any case.
func (t tx) sameEntry(seq core.Seq, news *core.Seen, exactly bool) (bool, error) {
	var title string
	var others, listed bool
	err := t.one([]any{&title, &others, &listed}, `SELECT title,
		EXISTS (SELECT 1 FROM names WHERE paper = $1 AND feed = $2),
		EXISTS (SELECT 1 FROM sightings WHERE paper = $1 AND source = $2 AND day = $3) FROM texts WHERE seq = $1`,
		seq, news.Sighting.Source, news.Sighting.Day)
	same := strings.EqualFold(title, news.Paper.Title)
	return same && (listed || news.Sighting.Assumed || !others) || !others && !exactly, err
}

// remember writes down the names of a paper that is in the store.
func (t tx) remember(id core.PaperID, found identified) error {
	for _, n := range found.shared {
		if _, err := t.exec(`INSERT INTO names (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET paper = NULL, feed = ''`, n.Number(found.source)); err != nil {
			return err
		}
	}
	for _, n := range found.missing {
		feed := ""
		if n.Kind == core.NameGUID {
			feed = found.source
		}
		if _, err := t.exec(`INSERT INTO names (name, paper, feed) SELECT $1, seq, $3 FROM papers WHERE id = $2 ON CONFLICT (name) DO NOTHING`,
			n.Number(found.source), id, feed); err != nil {
			return err
		}
	}
	return nil
}
