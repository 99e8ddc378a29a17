package chat_test

import (
	"slices"
	"strings"
	"testing"
)

// Below the page a link names the channel's feeds, all of them behind its secret.
func TestALinkNamesTheChannelsFeeds(t *testing.T) {
	l := newLab(t)
	l.Page = page
	made := l.says("ana", "link")
	secret := strings.TrimPrefix(l.address(made), page+"/c/")
	var feeds []string
	for _, line := range made.Card.Lines {
		for _, s := range line {
			if at, ok := strings.CutPrefix(s.URL, page+"/feeds/"+secret+"/"); ok {
				feeds = append(feeds, at)
			}
		}
	}
	if !slices.Equal(feeds, []string{"posts.atom", "day.atom", "channel.opml"}) || made.Public {
		t.Errorf("feeds %v, public %v", feeds, made.Public)
	}
}
