package journey

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// vocabulary is what papers of the random month are written with: words that topics
// ask for in several forms, names that are written in several ways.
var (
	vocabulary = strings.Fields(`diffusion diffusions LoRA lora-like adapters transformer Transformers pre-training pretraining c++ losses loss
		naïve Schrödinger bridge $\alpha$-divergence retrieval augmented generation RAG graph neural networks network stable video
		unlearning privacy federated robots robotics speech 3D-gaussian splatting quantum cooking Москва 学习 reward alignment safety`)
	people = strings.Split("Ana Lee|Lee, A.|José García|Jose Garcia|Jan van der Berg|Wei Zhang|Zhang Wei|Søren Ødegård|O'Brien, Pat|Ludwig Müller", "|")
	fields = []string{"cs.LG", "cs.CL", "cs.CV", "stat.ML", "eess.AS", "math-ph", "q-bio.NC"}
	asked  = strings.Split(`subscribe diffusion|subscribe "graph neural networks"|subscribe lora|subscribe pretrain*|subscribe title:loss cat:cs.*|subscribe author:"Jose Garcia"|
		subscribe retrieval -video|unsubscribe 2|unsubscribe 1|mute cooking for:7d|mute author:zhang|unmute cooking|settings max:3|settings max:8|settings layout:thread|settings layout:channel|
		settings layout:digest|settings discover:1|schedule 07:30 Europe/Berlin daily|schedule 09:00 Europe/Berlin weekdays|pause 2d|resume|list|status|today|top 7d|top|stats|audit|saved|
		search diffusion|search "stable diffusion"|search c++|search schrodinger bridge|search making models forget|search 学习|search author:lee|search cat:cs.* loss|search pre-training min:3|search naive|
		search unlearn* -robots|search title:transformers|search source:arxiv has:code|preview rag|preview network*|why 2601.00004|settings`, "|")
)

// A month is told by numbers alone, so that it can be told again.
type month struct {
	*town
	r       *rand.Rand
	papers  []core.Paper
	replies []any
}

func (m *month) some(of []string, n int) (out []string) {
	for range n {
		out = append(out, of[m.r.IntN(len(of))])
	}
	return out
}

// paper is a new one, or one that came before and has changed since.
func (m *month) paper() core.Paper {
	if n := len(m.papers); n > 0 && m.r.IntN(4) == 0 {
		p := &m.papers[max(0, n-1-m.r.IntN(30))]
		switch m.r.IntN(5) {
		case 0:
			p.Version++
			p.Abstract += " " + strings.Join(m.some(vocabulary, 3), " ")
		case 1:
			p.Code = "https://github.com/lab/" + string(p.ID)
		case 2:
			p.Withdrawn = true
		case 3:
			p.Comment = "Accepted to ICML 2026"
		}
		votes := m.r.IntN(40)
		p.Upvotes = &votes
		return *p
	}
	p := core.Paper{
		ID: core.PaperID(fmt.Sprintf("2601.%05d", len(m.papers))), Version: 1,
		Title:      strings.Join(m.some(vocabulary, 3+m.r.IntN(5)), " "),
		Abstract:   strings.Join(m.some(vocabulary, 10+m.r.IntN(60)), " ") + ". We propose " + strings.Join(m.some(vocabulary, 12), " ") + ".",
		Authors:    slices.Compact(m.some(people, 1+m.r.IntN(4))),
		Categories: slices.Compact(m.some(fields, 1+m.r.IntN(2))),
		Published:  core.DateOf(m.now),
	}
	m.papers = append(m.papers, p)
	return p
}

// batch is what a source lists.
func (m *month) batch() (batch []core.Seen) {
	seen := core.Seen{Sighting: core.Sighting{Source: "hf", Day: core.DateOf(m.now)}, Authority: core.Index}
	if m.r.IntN(2) == 0 {
		seen.Sighting.Source, seen.Authority = "arxiv", core.Publisher
	}
	for range 1 + m.r.IntN(8) {
		seen.Paper = m.paper()
		batch = append(batch, seen)
	}
	return batch
}

// lives is a month: papers at any hour, people who ask, vote, save and change their
// minds, and now and then a process that is started anew.
func (m *month) lives() {
	m.Helper()
	m.says("pi", "subscribe diffusion, lora, network*")
	m.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	for end := m.now.AddDate(0, 1, 0); m.now.Before(end); {
		m.until(m.now.Add(time.Duration(20+m.r.IntN(400)) * time.Minute))
		switch m.r.IntN(5) {
		case 0, 1, 2:
			m.fetches(m.batch()...)
		case 3:
			words := strings.TrimSpace(asked[m.r.IntN(len(asked))])
			reply := m.says(m.some([]string{"pi", "ana", "bo"}, 1)[0], words)
			m.replies = append(m.replies, words, reply)
			if buttons := testkit.Pressable(reply.Card); len(buttons) > 0 && m.r.IntN(3) == 0 {
				b := buttons[m.r.IntN(len(buttons))]
				m.replies = append(m.replies, b, m.bot.Press(m.Context(), core.Press{Channel: channel(papersChannel), User: user("ana"), Button: b.ID}))
				m.settles()
			}
		case 4:
			if posted := m.postedPapers(); len(posted) > 0 {
				m.reacts(m.some([]string{"pi", "ana", "bo", "cy"}, 1)[0], posted[m.r.IntN(len(posted))], m.some([]string{"👍", "👎", "🔖"}, 1)[0], m.r.IntN(4) > 0)
			}
		}
		if m.r.IntN(25) == 0 {
			m.restart()
		}
	}
	m.until(m.now.AddDate(0, 0, 4))
}

// told is all that people saw, as bytes.
func (m *month) told() string {
	m.Helper()
	b, err := json.MarshalIndent([]any{m.chat.posts, m.replies}, "", " ")
	if err != nil {
		m.Fatal(err)
	}
	var ids []string // of messages, which are the moments at which the room had them
	for i, p := range m.chat.posts {
		ids = append(ids, p.Ref.ID, fmt.Sprint("message ", i+1))
	}
	return strings.NewReplacer(ids...).Replace(string(b))
}

// found is what is found on a database by all kinds of questions, as bytes.
func (m *month) found(st *store.Store) string {
	m.Helper()
	bot := m.botOn(st)
	var replies []core.Reply
	for _, words := range asked {
		if words = strings.TrimSpace(words); strings.HasPrefix(words, "search ") {
			replies = append(replies, bot.Do(m.Context(), core.Request{Channel: channel(papersChannel), Name: "#papers", User: user("dee"), Text: words}))
		}
	}
	b, err := json.MarshalIndent(replies, "", " ")
	if err != nil {
		m.Fatal(err)
	}
	return string(b)
}

func aMonth(t *testing.T, url string, seed uint64) *month {
	m := &month{town: newTownAt(t, url), r: rand.New(rand.NewPCG(seed, 14))}
	m.lives()
	return m
}
