package query_test

import (
	"fmt"
	"testing"

	"paperboy/core"
)

// offers are the exclusions for a paper of that title, with what they would have
// kept away of the shelf.
func offers(t *testing.T, s *shelf, title string) (out []string) {
	t.Helper()
	p := paper("x", title, "cs.LG", "2026-11-20")
	s.papers = append(s.papers, p)
	for _, e := range must(reader(s).Exclusions(t.Context(), channel(), &p, s.topics[0].Topic)) {
		out = append(out, fmt.Sprintf("%s %d of %d", e.Term(), e.Kept, e.Of))
	}
	return out
}

func shelved(titles map[string]int) *shelf {
	s := titled(titles)
	for i := range s.papers {
		s.papers[i].Day = "2026-11-20"
	}
	return s
}

// What is offered against a paper was tried, and does what it says.
func TestWhatIsOfferedToExcludeHelps(t *testing.T) {
	s := shelved(map[string]int{"Agents for medical imaging": 3, "A survey of agents": 2, "Agents": 10, "Evolving markets with agents": 3})
	s.topics = follow(t, "agent*", "video")
	for _, c := range []struct {
		title string
		want  []string
	}{
		{"A Survey of Agents in Medical Imaging", []string{`-"medical imaging" 4 of 19`, "-survey 3 of 19"}},
		{"Self-Evolving Agents", nil},   // no half of a compound, and no other has the whole
		{"Omni-Modal Deep Agents", nil}, // words that say nothing
		{"Video Agents for Medical Imaging", []string{`-"medical imaging" 5 of 22`}}, // video is followed here
		{"Agents for Agents", nil},
		{"", nil},
		{"Agents with $\\alpha$-divergence", nil},
	} {
		same(t, offers(t, s, c.title), c.want)
	}
}

func TestNothingIsOfferedThatKeepsTooMuchAwayOrWhatWasLiked(t *testing.T) {
	s := shelved(map[string]int{"Medical agents": 9, "Legal agents": 3})
	s.topics = follow(t, "agent*")
	same(t, offers(t, s, "Medical agents, again"), []string(nil)) // most of the channel
	same(t, offers(t, s, "Legal agents"), []string{"-legal 4 of 14"})
	s.tally = map[core.PaperID]core.Tally{s.papers[len(s.papers)-1].ID: {Up: 1}}
	same(t, offers(t, s, "Legal agents"), []string(nil))
	s.tally = map[core.PaperID]core.Tally{s.papers[0].ID: {Down: 1}}
	same(t, len(offers(t, s, "Legal agents")), 1)
	s.guards = []core.Guard{{Topic: 1, Paper: s.papers[len(s.papers)-1].ID}} // nor what once was missed
	same(t, offers(t, s, "Legal agents"), []string(nil))
}

func TestThreeAreOfferedAtMost(t *testing.T) {
	s := shelved(map[string]int{"Kettle spoon plate cup pot agents": 2, "Agents": 9})
	s.topics = follow(t, "agent*")
	got := offers(t, s, "Kettle, spoon, plate, cup, pot: agents")
	same(t, got, []string{"-kettle 3 of 12", "-spoon 3 of 12", "-plate 3 of 12"})
}

// In a script without blanks a word is two signs side by side.
func TestExclusionsOfAScriptWithoutBlanksArePairs(t *testing.T) {
	s := shelved(map[string]int{"扩散模型": 3, "视频扩散": 2})
	s.topics = follow(t, "扩散")
	same(t, offers(t, s, "视频 扩散"), []string{"-视频 3 of 6"})
}
