package chat_test

import (
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/core/topic"
)

// Who follows what is alike sees first what that lets in and keeps out, and moves the
// threshold with a press.
func TestATopicByMeaningIsPreviewedAndFollowed(t *testing.T) {
	l := newLab(t)
	r := l.says("ana", "preview like:2611.00001@90")
	l.sees(r, "I read this as: papers like 2611.00001 (at least 90 alike)", "From the most alike to the least that 90 lets in", "Nothing was posted.")
	if len(r.Card.Papers) == 0 || r.Card.Papers[0].ID != "2611.00001" || r.Card.Papers[0].Matched.String() != "100 alike" {
		t.Errorf("%s", read(r))
	}
	if b := l.button(r.Card, "Preview like:2611.00001@85"); !strings.Contains(b, "preview like:2611.00001@85") {
		t.Errorf("lower is %s", b)
	}
	l.sees(l.says("ana", "subscribe like:2611.00001@90"), "#1 like:2611.00001@90: I read this as papers like 2611.00001", "The threshold is 90. It just lets in")
	l.sees(l.says("ana", "search like:2611.00001@90"), "1 paper for like:2611.00001@90")
	l.sees(l.says("ana", "subscribe like:0704.0001"), "I do not have the paper 0704.0001, so I cannot tell what is like it.")
	l.sees(l.says("ana", `subscribe like:"qzxw vvkq"`), "I know none of the words of qzxw vvkq")
	if n := len(l.topics()); n != 1 {
		t.Errorf("%d topics are followed", n)
	}
}

// Where a like: lets nothing in, the nearest is shown, and how far it is.
func TestALikeThatBringsNothingSaysHowFarTheNearestIs(t *testing.T) {
	l := newLab(t)
	l.comes(paper("2611.00021", "Surface codes of quantum computers"))
	r := l.says("ana", `preview like:"brewing coffee at home"@99`)
	l.sees(r, "Nothing of these days is 99 alike. The nearest is ")
	if len(r.Card.Papers) == 0 || !strings.Contains(read(r), "stays out") || strings.Contains(read(r), "just below") {
		t.Errorf("%s", read(r))
	}
	l.sees(l.says("ana", `subscribe like:"brewing coffee at home"@99`), "The threshold is 99. The nearest below is ")
}

// A topic like a paper that the store does not have, as one that came by a file, is
// told where people look.
func TestATopicLikeAPaperThatIsNotThereIsTold(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe like:2611.00001")
	for _, said := range []string{"list", "status"} {
		if strings.Contains(read(l.says("ana", said)), "so nothing is like it") {
			t.Errorf("%s says that a paper is missing which is there", said)
		}
	}
	parsed, err := topic.Parse("like:0704.0001 | soup")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.store.AddTopic(t.Context(), l.channel().ID, parsed, core.User{Name: "import"}, l.now); err != nil {
		t.Fatal(err)
	}
	l.sees(l.says("ana", "list"), "I do not have the paper 0704.0001, so nothing is like it")
	l.sees(l.says("ana", "status"), "#2 like:0704.0001 | soup: I do not have the paper 0704.0001, so nothing is like it. /papers list changes it.")
}
