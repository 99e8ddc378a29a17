package mail_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"paperboy/adapters/mail"
	"paperboy/core"
	"paperboy/internal/fakemail"
	"paperboy/internal/testkit"
)

// state is how ana's mail of a day stands.
func (l *lab) state(day string) (core.Delivery, core.Channel) {
	l.Helper()
	channels, err := l.store.Channels(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	for _, ch := range channels {
		if ch.Key.Platform == mail.Name {
			d, err := l.store.Delivery(l.Context(), ch.ID, core.HeaderItem(core.DailyPost, at(day+" 09:00")))
			if err != nil {
				l.Fatal(err)
			}
			return d, ch
		}
	}
	l.Fatal("the subscription is gone")
	return core.Delivery{}, core.Channel{}
}

// What the server puts off, and what breaks before the message has left, is tried
// again, and comes once.
func TestWhatWasCertainlyNotTakenIsTriedAgain(t *testing.T) {
	for name, fault := range map[string]struct {
		at fakemail.Stage
		fakemail.Fault
	}{
		"greylisting":                       {fakemail.To, fakemail.Code(451, [3]int{4, 7, 1}, "Greylisted, try again in five minutes")},
		"the mailbox is busy":               {fakemail.To, fakemail.Code(450, [3]int{4, 2, 0}, "busy")},
		"4xx to the sender":                 {fakemail.From, fakemail.Code(421, [3]int{4, 3, 2}, "shutting down")},
		"4xx after the message":             {fakemail.Data, fakemail.Code(451, [3]int{4, 3, 0}, "try again later")},
		"a full disk after the message":     {fakemail.Data, fakemail.Code(452, [3]int{4, 3, 1}, "insufficient storage")},
		"the line breaks at the sender":     {fakemail.From, fakemail.Drops(false)},
		"the line breaks at the recipient":  {fakemail.To, fakemail.Drops(false)},
		"the login is put off":              {fakemail.Login, fakemail.Code(454, [3]int{4, 7, 0}, "temporary authentication failure")},
		"the line breaks at the login":      {fakemail.Login, fakemail.Drops(false)},
		"greylisting without a second code": {fakemail.To, fakemail.Code(451, [3]int{-1, -1, -1}, "later")},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.subscribed()
			l.server.Fails(fault.at, fault.Fault, fault.Fault)
			l.morning("2025-11-25")
			if n := len(l.mails()); n != 0 {
				t.Fatalf("%d mails", n)
			}
			if d, _ := l.state("2025-11-25"); d.State != core.Planned {
				t.Fatalf("it is %s", d.State)
			}
			tries := l.server.Said(fault.at)
			l.until("2025-11-25 09:01")
			if l.server.Said(fault.at) != tries {
				t.Error("it was tried again within a minute")
			}
			l.until("2025-11-25 09:06")
			l.until("2025-11-25 09:12")
			l.until("2025-11-25 11:00")
			if n := len(l.mails()); n != 1 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

func TestWhatIsPutOffForThreeDaysIsGivenUp(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	for range 400 {
		l.server.Fails(fakemail.To, fakemail.Code(452, [3]int{4, 2, 2}, "mailbox full"))
	}
	l.morning("2025-11-25")
	before := l.server.Said(fakemail.To)
	for now := at("2025-11-25 09:00"); now.Before(at("2025-11-28 08:00")); now = now.Add(10 * time.Minute) {
		l.until(now.Format("2006-01-02 15:04"))
	}
	if d, _ := l.state("2025-11-25"); d.State != core.Planned {
		t.Fatalf("after less than three days it is %s", d.State)
	}
	if n := l.server.Said(fakemail.To) - before; n > 180 {
		t.Errorf("it was tried %d times in three days", n)
	}
	l.until("2025-11-28 09:31")
	if d, _ := l.state("2025-11-25"); d.State != core.Skipped {
		t.Errorf("after three days it is %s", d.State)
	}
}

// A server that says nothing after a message may have taken it. Nobody can look into a
// mailbox: it is never sent again by itself, status says so, and a person decides.
func TestALostAnswerAfterTheMessageStaysUncertain(t *testing.T) {
	for name, kept := range map[string]bool{"taken": true, "not taken": false} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.subscribed()
			l.server.Fails(fakemail.Data, fakemail.Drops(kept))
			l.morning("2025-11-25")
			if d, _ := l.state("2025-11-25"); d.State != core.Uncertain {
				t.Fatalf("it is %s", d.State)
			}
			came := len(l.mails())
			l.restart()
			for _, later := range []string{"2025-11-25 09:10", "2025-11-25 20:00", "2025-11-26 09:00"} {
				l.until(later)
			}
			if n := len(l.mails()); n != came {
				t.Fatalf("it was sent again: %d mails", n)
			}
			testkit.DoesNotSee(t, text(l.reply("ben", "status").Card), "your mail")
			status := l.reply("ana", "status")
			testkit.Sees(t, text(status.Card), "uncertain: your mail of Tue 25 Nov 09:00. The mail server gave no answer, and nobody can look into a mailbox. If it did not come, send it.")
			if aloud := l.bot.Do(t.Context(), core.Request{Channel: papers, User: core.User{Key: "web:ana", Name: "ana"}, Text: "status", Aloud: true}); aloud.Public {
				t.Error("everybody hears of ana's mail")
			}
			button := status.Card.Buttons[len(status.Card.Buttons)-1]
			press := func(who string) string {
				return text(l.bot.Press(t.Context(), core.Press{Channel: papers, User: core.User{Key: "web:" + who, Name: who}, Button: button.ID}).Card)
			}
			testkit.Sees(t, press("ben"), "not uncertain any more")
			l.until("2025-11-26 09:01")
			if n := len(l.mails()); n != came {
				t.Fatal("somebody else had it sent")
			}
			testkit.Sees(t, press("ana"), "Sending it.")
			l.until("2025-11-26 09:02")
			mails := l.mails()
			if len(mails) != came+1 {
				t.Fatalf("%d mails, want %d", len(mails), came+1)
			}
			if kept && mails[0].header.Get("Message-Id") != mails[1].header.Get("Message-Id") {
				t.Error("a repeat cannot be told from another mail")
			}
		})
	}
}

func TestARefusedMessageIsTriedOnceAsPlainTextAndThenPassedOver(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	tooBig := fakemail.Code(552, [3]int{5, 3, 4}, "Message size exceeds fixed limit")
	l.server.Fails(fakemail.Data, tooBig)
	l.morning("2025-11-25")
	mails := l.mails()
	if len(mails) != 1 || mails[0].html != "" || mails[0].text == "" {
		t.Fatalf("%d mails, the form is not plain", len(mails))
	}
	l.server.Fails(fakemail.Data, tooBig, tooBig)
	l.morning("2025-11-26")
	if d, _ := l.state("2025-11-26"); d.State != core.Skipped || d.Reason != "the mail server refused it (552)" {
		t.Errorf("it is %s: %s", d.State, d.Reason)
	}
	l.morning("2025-11-27")
	if n := len(l.mails()); n != 2 {
		t.Errorf("%d mails: the next one did not come", n)
	}
}

func TestAnAddressThatIsNoneEndsItsSubscriptionAtOnce(t *testing.T) {
	for _, code := range [][3]int{{5, 1, 1}, {5, 1, 2}, {5, 1, 6}, {5, 1, 10}} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			l := newLab(t)
			l.subscribed()
			l.server.Fails(fakemail.To, fakemail.Code(550, code, "no such user"))
			l.morning("2025-11-25")
			if l.known() || len(l.mails()) != 0 {
				t.Error("it goes on")
			}
			l.morning("2025-11-26")
			if n := len(l.mails()); n != 0 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

func TestThreePostsRefusedInARowEndASubscription(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	no := fakemail.Code(550, [3]int{5, 7, 1}, "we do not like your mail to "+address)
	refuse := func(day string) { l.server.Fails(fakemail.To, no, no); l.morning(day) }
	refuse("2025-11-25")
	refuse("2025-11-26")
	l.morning("2025-11-27") // one that is taken: it begins anew
	refuse("2025-11-28")
	refuse("2025-11-29")
	if !l.known() {
		t.Fatal("it ended after two in a row")
	}
	refuse("2025-11-30")
	if l.known() {
		t.Error("it goes on after three in a row")
	}
	if log := l.log.String(); strings.Contains(log, address) {
		t.Errorf("an address stands in the log:\n%s", log)
	}
}

func TestASenderThatIsNotTakenHoldsTheMails(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	no := fakemail.Code(553, [3]int{5, 7, 1}, "Sender address rejected: not owned by user")
	l.server.Fails(fakemail.From, no)
	l.morning("2025-11-25")
	if _, ch := l.state("2025-11-25"); !strings.Contains(ch.Hold.Reason, "`[email] from`") {
		t.Errorf("held for %q", ch.Hold.Reason)
	}
	testkit.Sees(t, l.says("status"), "your mail waits: the mail server does not take the sender's address")
	l.until("2025-11-25 09:03")
	if n := len(l.mails()); n != 1 {
		t.Errorf("%d mails after it was mended", n)
	}
}

func TestARefusedLoginStopsTheMailAndNothingElse(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	l.server.Fails(fakemail.Login, fakemail.Code(535, [3]int{5, 7, 8}, "bad credentials "+fakemail.Password))
	l.morning("2025-11-25")
	tries := l.server.Said(fakemail.Login)
	l.until("2025-11-25 12:00")
	if n := l.server.Said(fakemail.Login); n != tries {
		t.Error("it knocks again with the password that was refused")
	}
	if err := l.mail.Ready(); err == nil || strings.Contains(err.Error(), fakemail.Password) {
		t.Errorf("ready: %v", err)
	}
	testkit.Sees(t, l.log.String(), "stops until an operator", "[secret]")
	testkit.DoesNotSee(t, l.log.String(), fakemail.Password, address)
	l.restart() // with a password that is right
	l.until("2025-11-25 12:01")
	if n := len(l.mails()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestAServerThatCannotBeTrustedGetsNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*mail.Options)
		want   string
	}{
		"a certificate that nobody vouches for": {func(o *mail.Options) { o.Roots = x509.NewCertPool() }, "unknown authority"},
		"another host's certificate":            {func(o *mail.Options) { o.URL = strings.Replace(o.URL, fakemail.Host, "smtp.example.com", 1) }, "smtp.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, tc.change)
			l.says("mail " + address + " 09:00 Europe/Berlin daily")
			l.until("2025-11-24 12:01")
			l.until("2025-11-24 12:05")
			if n := l.server.Said(fakemail.Login); n != 0 {
				t.Error("the password was sent there")
			}
			if err := l.mail.Ready(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("ready: %v", err)
			}
			if stopped := l.conns.Stopped(); len(stopped) > 0 {
				t.Error("it gave up for ever", stopped)
			}
		})
	}
}

func TestASlowServerIsNotWaitedForForEver(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	over := make(chan struct{})
	defer close(over)
	l.change = func(o *mail.Options) { o.Time = 50 * time.Millisecond }
	l.restart()
	l.server.Fails(fakemail.From, fakemail.Fault{Then: func() { <-over }})
	l.morning("2025-11-25")
	if d, _ := l.state("2025-11-25"); d.State != core.Planned || len(l.mails()) != 0 {
		t.Errorf("it is %s", d.State)
	}
}

// A process that is killed between the end of a message and the writing down of its
// outcome, or anywhere else, sends nothing twice; what was certainly not taken comes.
func TestAKilledProcessSendsNoMailTwice(t *testing.T) {
	for _, stage := range []fakemail.Stage{fakemail.Login, fakemail.From, fakemail.To, fakemail.Data} {
		for _, kept := range []bool{false, true} {
			if kept && stage != fakemail.Data {
				continue
			}
			t.Run(fmt.Sprintf("%s kept %v", stage, kept), func(t *testing.T) {
				l := newLab(t)
				l.subscribed()
				ctx, die := context.WithCancel(t.Context())
				l.server.Fails(stage, fakemail.Fault{Then: func() { l.store.Close(); die() }, Drop: !kept, Kept: kept})
				l.now = at("2025-11-25 08:00")
				l.source.Fetches(t, l.bot, l.papers.Fresh(l.now)...)
				l.now = at("2025-11-25 09:00")
				_ = l.bot.Plan.PlanDue(ctx)
				_ = l.bot.Post.Drain(ctx) // the store is closed under it
				for _, later := range []string{"2025-11-25 09:01", "2025-11-25 09:30", "2025-11-25 15:00", "2025-11-26 09:00"} {
					l.restart()
					l.until(later)
				}
				n := len(l.mails())
				d, _ := l.state("2025-11-25")
				switch {
				case n > 1:
					t.Errorf("%d mails", n)
				case kept && n != 1:
					t.Errorf("%d mails of one that was taken", n)
				case d.State != core.Uncertain:
					t.Errorf("it is %s, and nobody can know", d.State)
				}
			})
		}
	}
}
