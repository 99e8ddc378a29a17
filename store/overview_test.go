package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// overlooks is the overview as a search begins with.
func (h *house) overlooks() (o *overview) {
	h.Helper()
	h.ok(h.read(context.Background(), "looking", func(t tx) (err error) {
		o, err = t.overview(&h.papers)
		return err
	}))
	return o
}

// skips has the next paper's number be n+1.
func (h *house) skips(n core.Seq) {
	h.Helper()
	_, err := h.lite().w.Exec((*sqlite)(nil).bind(`UPDATE counter SET n = $1`), n)
	h.ok(err)
}

func (h *house) matching(words string, most int) (seqs []core.Seq, more bool) {
	h.Helper()
	found, more, err := h.Matching(context.Background(), core.Query{Topic: query(h, words)}, most)
	h.ok(err)
	for _, m := range found {
		seqs = append(seqs, m.Seq)
	}
	return seqs, more
}

// A paper in each of three blocks, the last of which is filled first.
func TestEveryBlockIsSearched(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	for i, s := range []core.Seen{
		listed("2601.00001", "A lamp of brass", "hf", "2026-01-01"),
		listed("2601.00002", "Lamps of the middle", "hf", "2026-01-02"),
		listed("2601.00003", "Brass lamps at last", "hf", "2026-01-03"),
	} {
		s.Paper.Authors, s.Paper.Categories = []string{"Ana Meier"}, []string{"cs.CV"}
		h.skips(core.Seq(i)*2*blockSize + blockSize - 1) // so that it is the last of one, or the first
		h.comes(s)
	}
	h.wants("blocks", len(h.overlooks().blocks), 3)
	seqs := []core.Seq{5 * blockSize, 3 * blockSize, blockSize}
	for words, want := range map[string][]core.Seq{
		"lamp": seqs, "lam*": seqs, `"lamp of"`: {seqs[1], seqs[2]}, "author:meier": seqs, `author:"A. Meier"`: seqs, "cat:cs.cv": seqs,
		"cat:cs.* lamp": seqs, "brass -last": {seqs[2]}, "source:hf -middle": {seqs[0], seqs[2]}, "middle | last": {seqs[0], seqs[1]}, "author:mei* min:0": nil,
	} {
		got, more := h.matching(words, 9)
		h.wants(words, got, want)
		h.wants("more", more, false)
		if len(want) > 1 {
			got, more = h.matching(words, 1)
			h.wants("the newest of "+words, got, want[:1])
			h.wants("more", more, true)
		}
	}
	for field, prefix := range map[topic.Field]string{topic.Any: "lam", topic.Author: "mei"} {
		known, err := h.Vocabulary(ctx, field, prefix, nil)
		h.ok(err)
		h.wants("the words' papers", slices.Collect(func(yield func(int) bool) {
			for _, n := range known {
				yield(n)
			}
		}), []int{3})
	}
	near, err := h.Nearest(ctx, meaning.Builtin().Text(text.Words("lamp of brass")), core.Query{}, 9)
	h.ok(err)
	h.wants("near in meaning", len(near), 3)
}

// What was kept last is not what is newest where old papers came later.
func TestTheNewestAreFoundInWhateverBlockTheyAre(t *testing.T) {
	h := newHouse(t)
	h.comes(listed("2601.00001", "A lamp of today", "hf", "2026-01-09"), listed("2601.00002", "A lamp of long ago", "hf", "1999-01-09"),
		listed("2601.00003", "A lamp of longer ago", "hf", "1998-01-09"))
	h.skips(blockSize)
	h.comes(listed("2501.00001", "A lamp of last year", "hf", "2025-01-09"), listed("2501.00002", "A lamp of the year before", "hf", "2024-01-09"))
	for most, want := range map[int][]core.Seq{1: {1}, 2: {1, blockSize + 1}, 3: {1, blockSize + 1, blockSize + 2}, 5: {1, blockSize + 1, blockSize + 2, 2, 3}} {
		got, more := h.matching("lamp", most)
		h.wants(fmt.Sprintf("the newest %d", most), got, want)
		h.wants("more", more, most < 5)
	}
}

func TestAnOverviewThatIsReadDoesNotChange(t *testing.T) {
	h := newHouse(t)
	h.comes(batch(0, 50)...)
	o := h.overlooks()
	b := o.blocks[0]
	was, newest := fmt.Sprint(*b, o.days, o.filed), b.newest
	h.comes(listed("2701.00001", "Lamps of another day", "arxiv", "2027-01-01", func(p *core.Paper) { p.Categories = []string{"cs.CV"} }))
	h.comes(listed(batch(0, 1)[0].Paper.ID, "Roofs", "arxiv", "2027-01-02", func(p *core.Paper) { p.Version = 9 }))
	h.wants("a newer one", []any{len(h.overlooks().blocks[0].at), h.overlooks().blocks[0].newest > newest}, []any{51, true})
	h.wants("the older one", fmt.Sprint(*b, o.days, o.filed), was)
	if again := h.overlooks(); again != h.overlooks() {
		t.Error("it is made anew though nothing happened")
	}
}

// What was kept before there were directions, blocks and counts.
func TestAStoreOfTheVersionBeforeIsSearched(t *testing.T) {
	h := &house{TB: t, path: filepath.Join(t.TempDir(), "paperboy.db"), now: monday}
	s, err := openSQLite(context.Background(), h.path, upTo(t, 8))
	h.ok(err)
	for i, title := range []string{"Grasping with a robot hand", "Speech in noise"} {
		for _, q := range []string{
			`INSERT INTO papers (seq, id, changed, backlog, day, prim) VALUES ($1, '2509.0000' || $1, $1, 0, '2025-09-05', 'cs.LG')`,
			`INSERT INTO words (rowid, title, cats) VALUES ($1, lower($2), 'x')`,
			`INSERT INTO texts (seq, version, title, abstract, authors, categories, sources, published, code, project, summary, keywords, organization, thumbnail, comment, journal, doi, link, withdrawn, seen)
				VALUES ($1, 1, $2, '', '["Ana Meier"]', '["cs.LG"]', '["hf"]', '', '', '', '', '[]', '', '', '', '', '', '', 0, 0)`,
		} {
			_, err := s.lite().w.Exec((*sqlite)(nil).bind(q), i+1, title)
			h.ok(err)
		}
	}
	_, err = s.lite().w.Exec(`UPDATE counter SET n = 2`)
	h.ok(err)
	h.ok(s.Close())
	h.Store = h.another()
	n, err := h.CountPapers(context.Background())
	h.ok(err)
	h.wants("papers", n, 2)
	for _, words := range []string{"robot", "author:meier -speech", "cat:cs.* -noise"} {
		got, _ := h.matching(words, 9)
		h.wants(words, got, []core.Seq{1})
	}
	near, err := h.Nearest(context.Background(), meaning.Builtin().Text(text.Words("robot hand")), core.Query{}, 1)
	h.ok(err)
	if len(near) != 1 || near[0].Seq != 1 {
		t.Errorf("near: %+v", near)
	}
}

func TestAnotherModelMakesDirectionsAnewAndNotTheWords(t *testing.T) {
	h := newHouse(t)
	h.comes(batch(0, 50)...)
	h.ages(rules) // its words tell whether they were made anew
	h.ok(h.SetNote(context.Background(), modelNote, "another"))
	v := meaning.Builtin().Text(text.Words("lamp"))
	near, err := h.Nearest(context.Background(), v, core.Query{}, 99)
	h.ok(err)
	h.wants("near by another model's", len(near), 0)
	_, err = h.lite().w.Exec(`UPDATE features SET vector = x'01'; UPDATE papers SET signs = ''`)
	h.ok(err)
	h.ok(h.Close())
	h.Store = h.another()
	h.wants("words", []int{h.total("xstale"), h.total("lamp")}, []int{50, 0})
	near, err = h.Nearest(context.Background(), v, core.Query{}, 99)
	h.ok(err)
	h.wants("near", len(near), 50)
	h.ok(h.read(context.Background(), "reading the model", func(t tx) error {
		var made string
		err := t.one([]any{&made}, `SELECT value FROM notes WHERE name = $1`, modelNote)
		h.wants("the model", made, model())
		return err
	}))
}

// What comes a little at a time is as many pieces of the index.
func TestManyPiecesOfTheIndexBecomeOne(t *testing.T) {
	h := newHouse(t)
	pieces := func() (n int) {
		h.ok(h.lite().r.QueryRow(`SELECT count(DISTINCT segid) FROM words_idx`).Scan(&n))
		return n
	}
	for i := range 3 {
		h.comes(listed(core.PaperID(fmt.Sprintf("2601.0000%d", i+1)), "A lamp of brass", "hf", "2026-01-01"))
	}
	h.wants("pieces, as they came", pieces(), 3)
	h.ok(h.Tidy(context.Background()))
	h.wants("pieces, when tidied", pieces(), 1)
	h.comes(listed("2601.00004", "Another lamp", "hf", "2026-01-02"))
	seqs, _ := h.matching("lamp", 10)
	h.wants("found", len(seqs), 4)
	h.ok(h.Tidy(context.Background()))
	seqs, _ = h.matching("lamp", 10)
	h.wants("found, when tidied again", len(seqs), 4)
}

// What is rare is looked for in several blocks at once.
func TestWhatIsRareIsFoundInManyBlocks(t *testing.T) {
	h := newHouse(t)
	var lamps, brass []core.Seq
	for i := range 12 {
		h.skips(core.Seq(i) * blockSize)
		title := "A lamp"
		if i%3 == 0 {
			title = "Brass lamp"
			brass = slices.Insert(brass, 0, core.Seq(i)*blockSize+1)
		}
		lamps = slices.Insert(lamps, 0, core.Seq(i)*blockSize+1)
		day := core.Date("2026-01-01").AddDays(i)
		h.comes(listed(core.PaperID(fmt.Sprintf("2601.000%02d", i)), title, "hf", day), listed(core.PaperID(fmt.Sprintf("2602.000%02d", i)), "A chair", "hf", day))
	}
	for words, want := range map[string][]core.Seq{"lamp": lamps, "brass": brass, "br*": brass, "source:hf -a": brass, "brass min:0 | lamp -a": brass} {
		seqs, _ := h.matching(words, 100)
		h.wants(words, seqs, want)
	}
}

// An author is looked up in several blocks at once, words in each.
func TestAnAuthorOfManyBlocks(t *testing.T) {
	h := newHouse(t)
	of := map[string][]core.Seq{}
	for i := range 12 {
		h.skips(core.Seq(i) * blockSize)
		for k, s := range []core.Seen{
			listed(core.PaperID(fmt.Sprintf("2601.000%02d", i)), "A lamp", "hf", core.Date("2026-01-01").AddDays(i)),
			listed(core.PaperID(fmt.Sprintf("2602.000%02d", i)), "A chair", "hf", core.Date("2026-01-01").AddDays(i)),
			listed(core.PaperID(fmt.Sprintf("2603.000%02d", i)), "A lamp", "hf", core.Date("2026-01-01").AddDays(i)),
		} {
			who := "Ana Meier"
			if k == 2 {
				who = "Ben Roe"
			}
			s.Paper.Authors = []string{who}
			h.comes(s)
			for _, kind := range []string{s.Paper.Title, who, s.Paper.Title + who} {
				of[kind] = slices.Insert(of[kind], 0, core.Seq(i)*blockSize+core.Seq(k)+1)
			}
		}
	}
	for words, want := range map[string][]core.Seq{
		"author:meier": of["Ana Meier"], "author:meier lamp": of["A lampAna Meier"], "author:meier -lamp": of["A chairAna Meier"],
		"lamp -author:meier": of["A lampBen Roe"], "chair | author:roe": slices.Sorted(slices.Values(append(slices.Clone(of["A chairAna Meier"]), of["Ben Roe"]...))),
	} {
		seqs, _ := h.matching(words, 100)
		if words == "chair | author:roe" {
			slices.Sort(seqs)
		}
		h.wants(words, seqs, want)
	}
}

// What is said of a paper beside its text is no word of it.
func TestAWordIsNoSource(t *testing.T) {
	h := newHouse(t)
	h.comes(listed("2601.00001", "A lamp", "hf", "2026-01-01", func(p *core.Paper) { p.Code, p.Authors = "https://example.org", []string{"Ana Meier"} }))
	for _, words := range []string{"hf", "code", "meier", "cs", "huggingface"} {
		h.wants(words, h.total(words), 0)
	}
	h.wants("source:hf has:code lamp", h.total("source:hf has:code lamp"), 1)
}
