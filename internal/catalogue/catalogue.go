// Package catalogue is some 200 real papers inside the binary, so that the
// playground shows something real on a machine without a network.
//
// Out: days of Hugging Face Daily Papers, from 2026-03-25 to 2026-04-28, as a
// source would send them. They hold facts only: ids, titles, names, dates,
// counts, categories, addresses. No paper's abstract is here: where it would
// stand are two or three sentences in our own words.
//
// The days from 2026-04-16 on are weekdays in a row, so that a demo can move
// from each to the next; the earlier ones, with holes between them, are what was
// there before.
//
// How papers.jsonl was made: of each day that was recorded, the ten papers
// with the most upvotes as seen that morning, a title's words diffusion, LoRA,
// LLM and agent counting as 25 upvotes each, so that there is something to
// find for the topics that people try first. Categories are arXiv's, where
// its listings of those days named them. What is "about" was written by hand;
// a test compares it with the abstracts. 2604.07429 stands on two days, as it did there:
// nobody may get it twice.
package catalogue

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"paperboy/core"
)

//go:embed papers.jsonl
var papers []byte

// entry is a line of papers.jsonl: a paper on a day's list.
type entry struct {
	Day        core.Date    `json:"day"`
	Rank       int          `json:"rank"`
	ID         core.PaperID `json:"id"`
	Title      string       `json:"title"`
	Authors    []string     `json:"authors"`
	Published  core.Date    `json:"published"`
	Upvotes    int          `json:"upvotes"`
	Categories []string     `json:"categories"`
	Code       string       `json:"code"`
	Stars      *int         `json:"stars"`
	Project    string       `json:"project"`
	About      string       `json:"about"` // ours
}

// Days are the lists by day, each in the order of its rank.
func Days() map[core.Date][]core.Seen {
	days := map[core.Date][]core.Seen{}
	for i, line := range bytes.Split(bytes.TrimSpace(papers), []byte("\n")) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			panic(fmt.Sprintf("papers.jsonl:%d: %v", i+1, err)) // it is part of the program
		}
		upvotes := e.Upvotes
		days[e.Day] = append(days[e.Day], core.Seen{
			Paper: core.Paper{ID: e.ID, Title: e.Title, Abstract: e.About, Authors: e.Authors, Categories: e.Categories,
				Sources: []string{"hf"}, Published: e.Published, Upvotes: &upvotes, Code: e.Code, Stars: e.Stars, Project: e.Project},
			Sighting: core.Sighting{Source: "hf", Day: e.Day, Rank: e.Rank, Upvotes: &upvotes}, Authority: core.Index,
		})
	}
	for _, day := range days {
		slices.SortFunc(day, func(a, b core.Seen) int { return a.Sighting.Rank - b.Sighting.Rank })
	}
	return days
}
