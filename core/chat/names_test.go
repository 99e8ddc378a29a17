package chat_test

import (
	"strings"
	"testing"

	"paperboy/core"
)

// peopleCome: papers of people with names of every kind.
func (l *lab) peopleCome() {
	by := func(id core.PaperID, title string, authors ...string) core.Paper {
		p := paper(id, title)
		p.Authors = authors
		return p
	}
	l.comes(by("2611.00011", "Pruning", "Song Han", "Michael I. Jordan"), by("2611.00012", "Trees", "Michael Jordan", "Dan Jurafsky"),
		by("2611.00013", "Han dynasty maps", "Li Song"), by("2611.00014", "Robots", "Tencent Robotics X", "Jürgen Öhm, Jr."))
}

func TestAPersonIsFoundHoweverTheNameIsWritten(t *testing.T) {
	l := newLab(t)
	l.peopleCome()
	for asked, want := range map[string]string{
		`author:"Michael Jordan"`:     "2 papers",
		`author:"Michael I. Jordan"`:  "2 papers",
		`author:"M. Jordan"`:          "2 papers",
		`author:"D. Jurafsky"`:        "1 paper",
		`author:"Juergen Oehm"`:       "1 paper",
		`author:"J. Öhm Jr."`:         "1 paper",
		`author:"Tencent Robotics X"`: "1 paper",
		`author:"Michael B. Jordan"`:  "1 paper", // whoever has no name between
	} {
		r := l.says("ana", asked)
		l.sees(r, want+" for")
		for _, v := range r.Card.Papers { // by the names that the answer shows
			for _, a := range strings.Split(strings.TrimRight(v.Authors, " ()0123456789authors"), ", ") {
				l.sees(l.says("ben", `author:"`+a+`"`), v.Title)
			}
		}
	}
	l.says("ana", `subscribe author:"Michael Jordan"`)
	l.sees(l.says("ana", "why 2611.00011"), "author Michael I. Jordan (name match)")
	l.sees(l.says("ana", "why 2611.00012"), "author Michael Jordan (name match)")
}

func TestANameWithoutQuotesIsAskedAbout(t *testing.T) {
	l := newLab(t)
	l.peopleCome()
	question := `Did you mean author:"Song Han"? I have 1 paper under that name: /papers `

	r := l.says("ana", "author:Song Han since:7d")
	l.sees(r, "1 paper for author:song han", question+`search author:"Song Han" since:7d.`, "Han dynasty maps")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Yes: Song Han")), "1 paper for", "Pruning")
	r = l.says("ana", "preview author:Song Han")
	l.sees(r, question+`preview author:"Song Han".`)
	l.button(r.Card, "Follow it here")
	l.sees(l.says("ana", "author:Song Han Agents"), question+`search author:"Song Han" Agents.`)
	l.sees(l.says("ana", "author:Jordan, Michael"), `Did you mean author:"Jordan, Michael"? I have 2 papers`)

	r = l.says("ana", "subscribe author:Song Han, lamps")
	l.sees(r, "I read this as: word han in title or abstract, author Song.", question+`subscribe author:"Song Han", lamps.`,
		"Nothing is followed yet; /papers subscribe author:song han, lamp follows it as I read it.")
	l.sees(l.says("ana", "list"), "This channel has no topics yet")
	l.presses("ana", "ml", l.button(r.Card, "No, as read"))
	l.sees(l.says("ana", "list"), "#1 author:song han", "#2 lamp")
	l.presses("ana", "ml", l.button(r.Card, "Yes: Song Han"))
	l.sees(l.says("ana", "list"), `#3 author:"song han"`)

	for _, plain := range []string{"author:song han", "author:Song pruning", "author:Song Nobody", `author:"Song" Han`, "author:Song* Han", "author:Song | Han", "author:Song title:Han"} {
		l.doesNotSee(l.says("ana", plain), "Did you mean")
	}
	r = l.says("ana", "song han") // as plain words, of whom hardly a paper writes
	l.sees(r, `Did you mean author:"song han"? I have 1 paper under that name: /papers search author:"song han".`)
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Yes: song han")), "Pruning")
}

// Nothing is kept under a name that nobody typed, not even for a person of whom no
// paper has come yet; what is hidden is asked about like what is followed.
func TestANameWithoutQuotesIsAskedAboutBeforeItIsKept(t *testing.T) {
	l := newLab(t)
	l.peopleCome()

	r := l.says("ana", "subscribe author:Kaiming He")
	l.sees(r, `Did you mean author:"Kaiming He"? I have no paper under that name yet: /papers subscribe author:"Kaiming He".`, "Nothing is followed yet")
	l.sees(l.says("ana", "list"), "This channel has no topics yet")
	l.presses("ana", "ml", l.button(r.Card, "Yes: Kaiming He"))
	l.sees(l.says("ana", "list"), `#1 author:"kaiming he"`)
	l.sees(l.says("ana", "preview author:Kaiming He"), `/papers preview author:"Kaiming He".`)
	l.sees(l.says("ana", "subscribe author:song maps"), "#2 author:song map")

	r = l.says("ana", "mute author:Song Han for:30d")
	l.sees(r, "I read this as: word han in title or abstract, author Song.", `I have 1 paper under that name: /papers mute author:"Song Han" for:30d.`, "Nothing is hidden yet")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Yes: Song Han")), "Hidden here for 30 days: papers by Song Han.")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "No, as read")), "Hidden here for 30 days: papers that match author:song han.")
}

func TestWhoIsCalledAlikeIsNamedWhereNobodyIsFound(t *testing.T) {
	l := newLab(t)
	l.peopleCome()
	l.sees(l.says("ana", `author:"Mike Jordan"`), `Nobody here is called so. I have author:"Michael I. Jordan" or author:"Michael Jordan".`)
	l.sees(l.says("ana", `preview author:"Daniel Jurafsky"`), `I have author:"Dan Jurafsky".`)
	l.doesNotSee(l.says("ana", `preview author:"Ann Nobody"`), "Nobody here is called so")
	l.doesNotSee(l.says("ana", `author:"Michael Jordan" soup`), "Nobody here is called so")
}
