package chat_test

import (
	"strings"
	"testing"
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
