package slack_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/kit"
	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

// What a restored store has lost is found wherever in the channel it stands, by
// what it delivers, whatever number the channel had; and however many are looked
// for, the channel is read once.
func TestWhatARestoreLostIsFoundInOneReading(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		since := time.Now()
		sent := func(paper string, header core.MessageRef) core.MessageRef {
			p := post(a.papers, paper)
			p.Key = "77/" + paper
			if header.ID != "" {
				p.Place, p.Header = core.InThread, header
			}
			return a.send(p)
		}
		a.talk(120)
		header := sent("@daily/2025-11-25T08:00:00Z", core.MessageRef{})
		want := map[string]core.MessageRef{"@daily/2025-11-25T08:00:00Z": header}
		for n := range 4 {
			paper := fmt.Sprintf("2511.0000%d", n)
			want[paper] = sent(paper, core.MessageRef{})
			a.talk(60)
		}
		for n := range 4 {
			paper := fmt.Sprintf("2511.0001%d", n)
			want[paper] = sent(paper, header)
		}
		sent("@daily/2025-11-26T08:00:00Z", core.MessageRef{})
		time.Sleep(50 * time.Hour)

		calls := 0
		a.workspace.OnCall(func(c fakeslack.Call) *fakeslack.Failure { // a page a minute
			if strings.HasPrefix(c.Method, "conversations.") {
				if calls++; calls%2 == 0 {
					f := fakeslack.RateLimited(time.Minute)
					return &f
				}
			}
			return nil
		})
		lost := func(paper string) core.Post {
			p := post(a.papers, paper)
			p.Since, p.Lost = since, true
			return p
		}
		for paper, there := range want {
			if found, err := a.looks(lost(paper)); !found || err != nil {
				a.Errorf("%s: found %t, %v", paper, found, err)
			}
			if ref, _, err := a.Find(a.Context(), lost(paper)); ref != there || err != nil {
				a.Errorf("%s is at %+v, and not at %+v: %v", paper, ref, there, err)
			}
		}
		for _, paper := range []string{"2511.99999", "@daily/2025-11-27T08:00:00Z"} {
			if found, err := a.looks(lost(paper)); found || err != nil {
				a.Errorf("%s: found %t, %v", paper, found, err)
			}
		}
		if n := a.historyCalls(); n > 10 {
			a.Errorf("the channel was read with %d calls, and has 4 pages", n)
		}
	})
}

// Where history may not be read, nobody knows what is lost.
func TestWhatARestoreLostWithoutTheRightToLook(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		p := post(a.papers, "2511.00001")
		a.send(p)
		a.workspace.Withdraw("channels:history")
		p.Lost = true
		_, err := a.looks(p)
		sameOutcome(a, "a look", err, &core.MayNot{Right: "channels:history"})
	})
}

// Each way in which Slack refuses a token has its own cure, and none of them is
// the network.
func TestTheDoctorNamesTheCure(t *testing.T) {
	for code, cure := range map[string]string{
		"invalid_auth": "copy the Bot User OAuth Token anew", "not_authed": "copy the Bot User OAuth Token anew",
		"not_allowed_token_type": "it begins with xoxb-", "account_inactive": "reinstall the app", "token_revoked": "reinstall the app",
		"token_expired": "switch token rotation off", "org_login_required": "ask an administrator", "team_access_not_granted": "ask an administrator",
	} {
		synctest.Test(t, func(t *testing.T) {
			workspace := fakeslack.New(t, fakeslack.Options{InProcess: true})
			workspace.Refuse(code)
			o := slack.Options{BotToken: fakeslack.BotToken, AppToken: fakeslack.AppToken, APIURL: workspace.API, Dial: workspace.Dial, Log: logger(&testkit.Log{}), Now: time.Now}
			all := slack.New(o).Examine(context.Background(), nil, false, "")
			if len(all) != 1 || all[0].State != kit.StateFailed || all[0].Detail != "Slack does not take the bot token: "+code || !strings.Contains(all[0].Fix, cure) || strings.Contains(all[0].Fix, "network") {
				t.Errorf("%s: %+v", code, all)
			}
		})
	}
}
