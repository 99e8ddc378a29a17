package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"paperboy/core"
	"paperboy/core/match"
	"paperboy/core/query"
	"paperboy/core/text"
	"paperboy/core/topic"
	"paperboy/internal/textfile"
)

type matchCommand struct {
	Topics string `required:"" placeholder:"FILE" help:"The topics, one a line; - is stdin."`
	Since  string `placeholder:"DATE" help:"Only papers of this day and later: 2026-11-01, 7d."`
	Until  string `placeholder:"DATE" help:"Only papers of this day and earlier."`
	JSON   bool   `name:"json" help:"One object a line: topic (the line's number from 1), paper."`
	Stats  bool   `help:"One object with counts and seconds, instead of the matches unless --json is given too."`
}

func (c *matchCommand) Run(a *app) error {
	topics, lines, err := c.read(a)
	if err != nil {
		return err
	}
	q := core.Query{Sort: core.SortNew}
	if q.Since, q.Until, err = a.days(c.Since, c.Until); err != nil {
		return err
	}
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	if q.Limit, err = s.CountPapers(a.ctx); err != nil || q.Limit == 0 {
		return errors.Join(err, fmt.Errorf("there are no papers in %s yet; `bot fetch` or `bot import FILE` brings some", a.config.Store.URL))
	}
	reader := &query.Reader{Store: s, Now: a.now}
	of := make([]*topic.Topic, len(topics))
	for i := range topics {
		of[i] = &topics[i]
	}
	if err := reader.Ready(a.ctx, of...); err != nil {
		return err
	}
	found, err := s.Search(a.ctx, q)
	if err != nil {
		return err
	}
	stats := matchStats{Topics: len(topics), Papers: len(found.Hits)}
	if c.Stats { // on its own: it is a part of making the docs, and what all else is measured against
		begun := time.Now()
		for i := range found.Hits {
			text.Words(found.Hits[i].Paper.Title)
			text.Words(found.Hits[i].Paper.Abstract)
		}
		stats.Tokenise = time.Since(begun).Seconds()
	}
	begun := time.Now()
	docs := make([]*topic.Doc, len(found.Hits))
	for i := range found.Hits {
		docs[i] = found.Hits[i].Paper.Doc()
	}
	batch := match.Index(docs, topics)
	stats.Build = time.Since(begun).Seconds()

	w := bufio.NewWriterSize(a.out, 1<<16)
	begun = time.Now()
	batch.Each(topics, func(t int, papers []int32) {
		stats.Matches += len(papers)
		for _, i := range papers {
			p := &found.Hits[i].Paper
			switch {
			case c.JSON:
				fmt.Fprintf(w, "{\"topic\":%d,\"paper\":%q}\n", lines[t], p.ID)
			case !c.Stats:
				fmt.Fprintf(w, "%d\t%s\t%s\n", lines[t], p.ID, printable(p.Title))
			}
		}
	})
	stats.Match = time.Since(begun).Seconds()
	if c.Stats {
		if err := json.NewEncoder(w).Encode(stats); err != nil {
			return err
		}
	}
	return w.Flush()
}

// matchStats is what --stats prints; the names are part of the contract.
type matchStats struct {
	Topics   int     `json:"topics"`
	Papers   int     `json:"papers"`
	Matches  int     `json:"matches"`
	Build    float64 `json:"build_seconds"` // turning papers into words, and indexing them
	Match    float64 `json:"match_seconds"` // finding the pairs, and writing them where they are wanted
	Tokenise float64 `json:"tokenise_seconds"`
}

// read reads the topics and the numbers of their lines. Blank lines are passed
// over.
func (c *matchCommand) read(a *app) (topics []topic.Topic, lines []int, err error) {
	in, name := a.in, "stdin"
	if c.Topics != "-" {
		name = c.Topics
		f, err := os.Open(c.Topics)
		if err != nil {
			return nil, nil, usage("cannot read %s: %v", c.Topics, cause(err))
		}
		defer f.Close()
		in = f
	}
	scanner := bufio.NewScanner(textfile.NewReader(in))
	for n := 1; scanner.Scan(); n++ {
		line := scanner.Bytes()
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		t, err := topic.Parse(string(line))
		if te, ok := errors.AsType[*topic.Error](err); ok {
			return nil, nil, pointed(fmt.Errorf("%s:%d: %w", name, n, err), string(line), te.Col)
		} else if err != nil {
			return nil, nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		topics, lines = append(topics, t), append(lines, n)
	}
	if err := scanner.Err(); err != nil {
		return nil, nil, fmt.Errorf("cannot read %s: %w", c.Topics, cause(err))
	}
	if len(topics) == 0 {
		return nil, nil, usage("%s has no topics; write one a line", c.Topics)
	}
	return topics, lines, nil
}

// days reads a --since and an --until; empty is no bound.
func (a *app) days(since, until string) (from, to core.Date, err error) {
	today := core.DateOf(a.now().UTC())
	if since != "" {
		if from, err = core.ParseSince(since, today); err != nil {
			return "", "", usage("--since %s is no day; write 2026-11-01, or 7d for the last seven", since)
		}
	}
	if until != "" {
		if to, err = core.ParseSince(until, today); err != nil {
			return "", "", usage("--until %s is no day; write 2026-11-01, or today", until)
		}
	}
	if from != "" && to != "" && to < from {
		return "", "", usage("--until %s is before --since %s; exchange them", to, from)
	}
	return from, to, nil
}
