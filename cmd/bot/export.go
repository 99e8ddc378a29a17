package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/chat"
	"paperboy/core/cite"
	"paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/store"
)

type exportCommand struct {
	Format  string   `arg:"" enum:"config,bibtex,ris,csl,csv,json,markdown" help:"config, bibtex, ris, csl, csv, json or markdown."`
	Query   []string `arg:"" optional:"" help:"Only papers that match."`
	What    string   `enum:"posted,top,all" default:"posted" placeholder:"WHAT" help:"Which papers: posted (default), top by votes, or all that are stored."`
	Channel string   `placeholder:"NAME" help:"Only of this channel: its name, or platform/workspace/id."`
	Since   string   `placeholder:"DATE" help:"How far back: 7d, 2w, 2026-11-01."`
}

func (exportCommand) Help() string {
	return `Examples:
  bot export config > channels.json        topics, schedules and settings of all channels; bot import takes them back
  bot export bibtex --since 30d --channel ml > papers.bib
  bot export csv --what all 'diffusion -video' > diffusion.csv`
}

func (c *exportCommand) Run(a *app) error {
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	channels, err := a.channels(s, c.Channel)
	if err != nil {
		return err
	}
	if c.Format == "config" {
		if len(c.Query) > 0 || c.Since != "" {
			return usage("a configuration has no papers; `bot export config` takes --channel only")
		}
		one := int64(0)
		if c.Channel != "" {
			one = channels[0].ID
		}
		b := chat.New(chat.Options{Store: s, Now: a.now, Log: a.log})
		data, err := b.ExportConfig(a.ctx, one)
		if err == nil {
			_, err = a.out.Write(data)
		}
		return err
	}
	since, _, err := a.days(c.Since, "")
	if err != nil {
		return err
	}
	var t topic.Topic
	if words := strings.Join(c.Query, " "); words != "" {
		if t, err = topic.Parse(words); err != nil {
			return usage("%v", err)
		}
	}
	papers, err := c.papers(a, s, channels, since)
	if err != nil {
		return err
	}
	if len(t.Clauses) > 0 {
		if err := (&query.Reader{Store: s, Now: a.now}).Ready(a.ctx, &t); err != nil {
			return err
		}
		papers = slices.DeleteFunc(papers, func(p core.Paper) bool { _, ok := t.Match(p.Doc()); return !ok })
	}
	file, err := cite.Export(c.Format, papers, core.DateOf(a.now().UTC()))
	if err != nil {
		return err
	}
	hint := ""
	if among, narrow := map[string]string{"posted": "posted", "top": "voted for"}[c.What]; narrow && len(papers) == 0 {
		hint = " of those " + among + "; --what all looks at all that are stored"
	}
	fmt.Fprintf(a.err, "%s%s\n", count(len(papers), "paper"), hint)
	_, err = a.out.Write(file.Data)
	return err
}

// papers are what --what names, without repeats: posted ones in the order of
// the ledger, top ones by votes, all by day.
func (c *exportCommand) papers(a *app, s *store.Store, channels []core.Channel, since core.Date) ([]core.Paper, error) {
	switch c.What {
	case "all", "top":
		n, err := s.CountPapers(a.ctx)
		if err != nil || n == 0 {
			return nil, err
		}
		q := core.Query{Since: since, Sort: core.SortNew, Limit: n}
		if c.What == "top" {
			q.Sort = core.SortTop
			if c.Channel != "" {
				q.Channel = channels[0].ID
			}
		}
		found, err := s.Search(a.ctx, q)
		var papers []core.Paper
		for _, h := range found.Hits {
			if c.What == "all" || h.Votes > 0 {
				papers = append(papers, h.Paper)
			}
		}
		return papers, err
	}
	from := time.Time{}
	if since != "" {
		from = since.Time(time.UTC)
	}
	var ids []core.PaperID
	for _, ch := range channels {
		posted, err := s.DeliveriesOf(a.ctx, ch.ID, from, core.Posted)
		if err != nil {
			return nil, err
		}
		for _, d := range posted {
			if id, ok := d.Item.Paper(); ok && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return s.Papers(a.ctx, ids)
}
