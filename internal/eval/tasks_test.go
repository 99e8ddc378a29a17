package eval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/core/text"
)

// library is papers of a hundred days, of which every other has a keyword.
func library(n int) (papers []core.Paper) {
	subjects := []struct{ keyword, says string }{
		{"Model Pruning", "We remove weights of a network. It becomes smaller and stays as good as it was before. Pruning takes an hour. Much is saved by it."},
		{"jailbreaking", "Prompts are found that make a model answer what it should not answer. Attacks succeed nine times in ten. Defences do not help. We warn of it."},
		{"gaussian splatting", "Scenes are rendered from many small blobs of light in real time. Cameras move freely there. Splats need memory. Pictures look real."},
	}
	for i := range n {
		s := subjects[i%3]
		day := core.Date("2026-01-01").AddDays(i * 100 / n)
		p := core.Paper{ID: core.PaperID(fmt.Sprintf("2601.%05d", i)), Title: fmt.Sprintf("On %s, part %d", s.keyword, i), Abstract: s.says, Day: day, Published: day, Categories: []string{"cs.LG"}}
		if i%2 == 0 {
			p.Keywords, p.Summary = []string{s.keyword}, fmt.Sprintf("Part %d of a study of %s.", i, s.keyword)
		}
		papers = append(papers, p)
	}
	return papers
}

func halves(t *testing.T, papers []core.Paper) (report, tune *Set) {
	t.Helper()
	report, err := NewSet(papers, Report, 50)
	if err != nil {
		t.Fatal(err)
	}
	if tune, err = NewSet(papers, Tune, 50); err != nil {
		t.Fatal(err)
	}
	return report, tune
}

// No label that is reported was there to tune on: of no task a paper, of the headings
// none at all.
func TestWhatIsReportedWasNeverTunedOn(t *testing.T) {
	report, tune := halves(t, library(300))
	seen := map[string]bool{}
	for _, task := range tune.Tasks {
		for _, q := range task.Questions {
			for p := range q.Relevant {
				seen[fmt.Sprint(task.Name, p)] = true
			}
		}
	}
	for _, task := range report.Tasks {
		for _, q := range task.Questions {
			for p := range q.Relevant {
				if seen[fmt.Sprint(task.Name, p)] {
					t.Errorf("%s asks for paper %d in both halves", task.Name, p)
				}
				if day := string(report.Papers[p].Day); (day[len(day)-1]-'0')%2 != 1 {
					t.Errorf("%s reports a paper of %s", task.Name, day)
				}
			}
		}
	}
	for _, a := range report.people {
		for _, b := range tune.people {
			if a.name == b.name {
				t.Errorf("%q is in both halves", a.name)
			}
		}
	}
}

// What is asked by is not what is found by: a title that is asked is not indexed, nor
// is a sentence, nor what papers are judged by.
func TestAnAnswerIsNotFoundByTheQuestionItself(t *testing.T) {
	papers := library(300)
	report, _ := halves(t, papers)
	kinds := map[string]int{}
	for _, task := range report.Tasks {
		kinds[task.Name] = len(task.Questions)
		for _, q := range task.Questions {
			for p := range q.Relevant {
				indexed := report.Papers[p].Title + "\n" + report.Papers[p].Abstract
				if (task.Name == "titles" || task.Name == "sentences") && strings.Contains(strings.Join(strings.Fields(indexed), " "), q.Text) {
					t.Errorf("%s: %q stands in the paper", task.Name, q.Text)
				}
				if task.Name == "titles" && report.Papers[p].Abstract != papers[p].Abstract {
					t.Error("a paper whose title is asked has lost more than its title")
				}
			}
		}
	}
	for i := range report.Papers {
		if p := &report.Papers[i]; p.Keywords != nil || p.Summary != "" || p.Upvotes != nil {
			t.Fatal("what papers are judged by is indexed")
		}
	}
	for _, name := range []string{"headings", "keywords", "summaries", "titles", "sentences", "categories"} {
		if kinds[name] == 0 {
			t.Errorf("nothing is asked of %s: %v", name, kinds)
		}
	}
}

// Who finds all of it first has the best score, who finds nothing none; papers that
// nobody labelled stand in nobody's way, those of the other half are in no ranking.
func TestAPerfectSearchHasOne(t *testing.T) {
	report, _ := halves(t, library(300))
	at := slices.IndexFunc(report.Tasks, func(t Task) bool { return t.Name == "headings" })
	task := report.Tasks[at]
	answers := map[string][]int{}
	for _, q := range task.Questions {
		var ranking []int
		for i := range report.Papers {
			if !task.Judged[i] { // not labelled, or of the other half
				ranking = append(ranking, i)
			}
		}
		ranking = ranking[:20]
		for i := range report.Papers {
			if q.Relevant[i] {
				ranking = append(ranking, i)
			}
		}
		answers[q.Text] = ranking
	}
	score, err := report.measure(context.Background(), &task, System{"all-knowing", func(_ context.Context, typed string, _ int) ([]int, error) { return answers[typed], nil }})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "nDCG", score.NDCG, 1)
	near(t, "MRR", score.MRR, 1)
	near(t, "R@1000", score.Recall1000, 1)
	score, err = report.measure(context.Background(), &task, System{"silent", func(context.Context, string, int) ([]int, error) { return nil, core.ErrNotFound }})
	if err != nil || score.NDCG != 0 || score.Nothing != len(task.Questions) || score.Refused != len(task.Questions) {
		t.Error(score, err)
	}
	if got := report.Places([]core.PaperID{"2601.00001", "0000.00000"}); !slices.Equal(got, []int{1}) {
		t.Errorf("the places are %v", got)
	}
	for i, hidden := range report.hide {
		if hidden && len(report.Places([]core.PaperID{report.Papers[i].ID})) > 0 {
			t.Fatal("a labelled paper of the other half has a place")
		}
	}
}

// People vote for what they want and what was there before the split, the newest
// first; who knows what they want finds it, and who draws lots finds less.
func TestVotesAreOfBeforeWhatIsRecommended(t *testing.T) {
	report, _ := halves(t, library(1500))
	split := report.split()
	knowing := func(know bool) VoteScore {
		score, err := report.measureVotes(context.Background(), 4, each("x", func(up []int) func(int) float64 {
			if len(up) != 4 || !slices.IsSortedFunc(up, func(a, b int) int { return b - a }) {
				t.Errorf("voted for %v", up)
			}
			for _, u := range up {
				if report.Papers[u].Day >= split {
					t.Errorf("voted for a paper of %s, %s or later", report.Papers[u].Day, split)
				}
			}
			subject := map[string]bool{}
			for _, u := range up {
				subject[report.Papers[u].Abstract] = true
			}
			return func(i int) float64 {
				if report.Papers[i].Day < split {
					t.Errorf("recommended a paper of %s, before %s", report.Papers[i].Day, split)
				}
				if know && subject[report.Papers[i].Abstract] {
					return 1
				}
				return 0
			}
		}))
		if err != nil || score.People == 0 {
			t.Fatal(score, err)
		}
		return score
	}
	best, worse := knowing(true), knowing(false)
	near(t, "nDCG@5 of who knows", best.NDCG, 1)
	near(t, "R@5 of who knows", best.Recall, 1)
	if worse.NDCG > 0.9 {
		t.Errorf("who knows nothing has %v", worse.NDCG)
	}
}

func TestEveryHeadingHasItsKeywords(t *testing.T) {
	for _, half := range []Half{Report, Tune} {
		hs, err := readHeadings(nil, half)
		if err != nil || len(hs) < 40 {
			t.Fatal(len(hs), err)
		}
	}
	for line := range strings.Lines(headings) {
		if line[0] == '#' {
			continue
		}
		for p := range strings.SplitSeq(line[strings.LastIndex(line, ": ")+2:], ";") {
			if len(text.Words(p)) == 0 {
				t.Errorf("%q has a keyword without words", line)
			}
		}
	}
}
