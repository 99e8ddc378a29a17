package mail_test

import (
	"net/http"
	"strings"
	"testing"

	"paperboy/adapters/mail"
	"paperboy/core"
	"paperboy/internal/testkit"
)

func TestNothingComesBeforeTheLinkIsPressed(t *testing.T) {
	l := newLab(t)
	first := l.says("mail " + address + " 09:00 Europe/Berlin daily")
	testkit.Sees(t, first, "If nobody asked for "+address+" today, a mail with a link is on its way", "daily 09:00 Berlin")
	again := text(l.reply("ben", "mail "+address+" 09:00 Europe/Berlin daily").Card)
	if first != again {
		t.Errorf("an answer tells that the address is known:\n%s\n%s", first, again)
	}
	l.until("2025-11-24 12:01")
	if n := len(l.server.Taken()); n != 1 {
		t.Fatalf("%d mails asked for a confirmation, want one", n)
	}
	testkit.Sees(t, read(t, l.server.Taken()[0]).text, "Somebody, probably you, asked for the papers of #papers at this address: daily 09:00 Berlin.", "If it was not you, do nothing")
	if code, page := l.asks(http.MethodGet, l.link("confirm"), ""); code != http.StatusOK || !strings.Contains(page, "Yes, send them") {
		t.Fatal(code, page)
	}
	l.morning("2025-11-25")
	l.morning("2025-11-26")
	if n := len(l.mails()); n != 0 {
		t.Errorf("%d mails came, and nobody pressed the link", n)
	}
	l.until("2025-11-26 12:02")
	if err := l.subs.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l.known() {
		t.Error("an address that nobody confirmed is kept for longer than 48 hours")
	}
	if code, page := l.asks(http.MethodPost, l.link("confirm"), ""); code != http.StatusBadRequest || !strings.Contains(page, "holds no more") {
		t.Error(code, page)
	}
}

func TestAnAddressIsAskedOnceADayWhoeverAsks(t *testing.T) {
	l := newLab(t)
	for _, words := range []string{"mail " + address + " 09:00 Europe/Berlin", "mail ANA@example.net 10:00 Europe/Berlin", "mail <mailto:ana@example.net|ana@example.net> 11:00 Berlin"} {
		l.says(words)
		l.until("2025-11-24 13:00")
	}
	if n := len(l.server.Taken()); n != 1 {
		t.Errorf("%d mails on one day", n)
	}
	l.now = at("2025-11-25 13:01")
	l.says("mail " + address + " 10:00 Europe/Berlin")
	l.until("2025-11-25 13:02")
	if n := len(l.server.Taken()); n != 2 {
		t.Errorf("%d mails on two days", n)
	}
	l.asks(http.MethodPost, l.link("confirm"), "")
	l.until("2025-11-26 13:00") // the link is a day old, and what is confirmed does not expire
	if err := l.subs.Expire(t.Context()); err != nil || !l.known() {
		t.Error("what was confirmed is gone", err)
	}
}

func TestTheChannelsPapersComeAtOnesOwnHour(t *testing.T) {
	l := newLab(t)
	l.says("mail " + address + " 7:30 Europe/Berlin daily")
	l.until("2025-11-24 12:01")
	l.asks(http.MethodPost, l.link("confirm"), "")
	l.asks(http.MethodPost, l.link("confirm"), "") // pressed twice it is one
	l.now = at("2025-11-25 06:00")
	l.source.Fetches(t, l.bot, l.papers.Fresh(l.now)...)
	l.until("2025-11-25 07:29")
	if n := len(l.mails()); n != 0 {
		t.Fatalf("%d mails came before their hour", n)
	}
	l.until("2025-11-25 07:30")
	l.until("2025-11-25 23:00")
	mails := l.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails came", len(mails))
	}
	if got, want := mails[0].subject(t), "Papers · Tue 25 Nov · #papers"; got != want {
		t.Errorf("subject %q, want %q", got, want)
	}
	for _, form := range []string{mails[0].text, mails[0].html} {
		testkit.Sees(t, form, "4 new", l.papers[testkit.SeedID(1)].Title, "matched", "next post Wed 07:30 Berlin")
		testkit.DoesNotSee(t, form, "vote", "`/papers", "<code", "this channel")
	}
}

func TestQuietDaysAreQuiet(t *testing.T) {
	l := newLab(t)
	l.says("settings quiet:note")
	l.subscribed()
	for _, day := range []string{"2025-11-25", "2025-11-26", "2025-11-27"} {
		l.until(day + " 09:00")
	}
	if n := len(l.mails()); n != 0 {
		t.Errorf("%d mails without papers", n)
	}
	l.morning("2025-11-28")
	if n := len(l.mails()); n != 1 {
		t.Errorf("%d mails on the day with papers", n)
	}
}

// Whoever wants a few topics and not the channel's asks for them on its page, and gets
// nothing else, once the link is pressed; asked anew without them, the channel's come.
func TestOnesOwnTopicsComeByMail(t *testing.T) {
	l := newLab(t)
	ticket := l.ticket()
	ask := func(topics string) (int, string) {
		return l.asks(http.MethodPost, "/mail/subscribe", form("ticket", ticket, "address", address, "time", "09:00", "zone", "Europe/Berlin", "days", "daily", "topics", topics))
	}
	if code, page := ask(`lora, "never closed`); code != http.StatusBadRequest || !strings.Contains(page, "quote") {
		t.Errorf("%d %s", code, page)
	}
	title := l.papers[testkit.SeedID(1)].Title
	if code, page := ask(`title:"` + title + `", nothing-else`); code != http.StatusOK {
		t.Fatal(code, page)
	}
	l.until("2025-11-24 12:01")
	testkit.Sees(t, read(t, l.server.Taken()[0]).text, "new papers about", "nothing else")
	_, page := l.asks(http.MethodPost, l.link("confirm"), "")
	testkit.Sees(t, page, "nothing else")
	l.morning("2025-11-25")
	mails := l.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails came", len(mails))
	}
	testkit.Sees(t, mails[0].text, "1 new", title)
	l.until("2025-11-25 12:30") // an address is asked once a day
	if code, _ := ask(""); code != http.StatusOK {
		t.Fatal(code)
	}
	l.until("2025-11-25 12:31")
	l.asks(http.MethodPost, l.link("confirm"), "")
	l.morning("2025-11-26")
	if mails = l.mails(); len(mails) != 2 || strings.Contains(mails[1].text, "1 new") {
		t.Errorf("%d mails came, the last: %s", len(mails), mails[len(mails)-1].text)
	}
}

// What the channel follows later comes by mail too, what it mutes does not, and where
// the bot was removed nothing comes.
func TestAMailGoesByTheChannel(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	l.says("unsubscribe 1")
	l.morning("2025-11-25")
	if n := len(l.mails()); n != 0 {
		t.Fatalf("%d mails about what the channel does not follow any more", n)
	}
	l.says("subscribe author:\"A. Author\"")
	l.morning("2025-11-26")
	if n := len(l.mails()); n != 1 {
		t.Fatalf("%d mails about what the channel follows now", n)
	}
	l.says("mute author:\"A. Author\"")
	l.morning("2025-11-27")
	if n := len(l.mails()); n != 1 {
		t.Fatalf("%d mails about what the channel muted", n)
	}
	l.says("unmute author:\"A. Author\"")
	if err := l.bot.Left(t.Context(), papers); err != nil {
		t.Fatal(err)
	}
	l.morning("2025-11-28")
	if n := len(l.mails()); n != 1 {
		t.Errorf("%d mails about a channel that the bot is not in", n)
	}
}

func TestAPaperComesByMailOnceAndHereOnce(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	l.morning("2025-11-25")
	l.restart()
	l.source.Fetches(t, l.bot, l.papers.Fresh(at("2025-11-25 08:00"))...) // listed again
	l.until("2025-11-26 09:00")
	l.until("2025-11-27 09:00")
	if n := len(l.mails()); n != 1 {
		t.Errorf("%d mails with the same papers", n)
	}
	ch, err := l.store.ChannelByKey(t.Context(), papers)
	if err != nil {
		t.Fatal(err)
	}
	ds, err := l.store.DeliveriesOf(t.Context(), ch.ID, at("2025-11-24 00:00"), core.Posted)
	if err != nil || len(ds) != 5 {
		t.Errorf("the channel has %d messages, want a header and four papers (%v)", len(ds), err)
	}
}

func TestOneClickEndsItAndDeletesTheAddress(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	l.morning("2025-11-25")
	header := l.mails()[0].header
	if got := header.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post: %q", got)
	}
	link := links.FindStringSubmatch(strings.NewReplacer("<", "", ">", "").Replace(header.Get("List-Unsubscribe")))[1]
	if code, page := l.asks(http.MethodGet, link, ""); code != http.StatusOK || !strings.Contains(page, "Stop them") || !l.known() {
		t.Fatal("a program that only looks has ended it", code, page)
	}
	for range 2 {
		if code, page := l.asks(http.MethodPost, link, "List-Unsubscribe=One-Click"); code != http.StatusOK {
			t.Fatal(code, page)
		}
	}
	if l.known() {
		t.Error("the address is still kept")
	}
	l.morning("2025-11-26")
	if n := len(l.mails()); n != 1 {
		t.Errorf("%d mails, the last after the end", n)
	}
	// Whoever subscribes anew has to say yes anew.
	l.now = at("2025-11-26 13:00")
	l.says("mail " + address + " 09:00 Europe/Berlin daily")
	l.morning("2025-11-27")
	if n := len(l.mails()); n != 1 {
		t.Errorf("%d mails: what was ended came back without a word of the address", n)
	}
}

func TestDeleteEverythingAboutMeEndsTheMail(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	if err := l.store.ForgetUser(t.Context(), "web:ben", l.now); err != nil || !l.known() {
		t.Fatal("somebody else's wish ended it", err)
	}
	if err := l.store.ForgetUser(t.Context(), "web:ana", l.now); err != nil || l.known() {
		t.Error("the address is still kept", err)
	}
	l.morning("2025-11-25")
	if n := len(l.mails()); n != 0 {
		t.Errorf("%d mails came", n)
	}
}

// A private channel's papers go to who can read it.
func TestWhoCannotReadTheChannelAnyMoreGetsNoMailOfIt(t *testing.T) {
	l := newLab(t)
	ch, err := l.store.ChannelByKey(t.Context(), papers)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.store.UpdateChannel(t.Context(), ch.ID, func(c *core.Channel) { c.Private = true }); err != nil {
		t.Fatal(err)
	}
	l.says("mail " + address + " 09:00 Europe/Berlin daily")
	l.until("2025-11-24 12:01")
	testkit.DoesNotSee(t, read(t, l.server.Taken()[0]).text, "#papers")
	l.asks(http.MethodPost, l.link("confirm"), "")
	l.morning("2025-11-25")
	if n := len(l.mails()); n != 1 {
		t.Fatalf("%d mails for who can read it", n)
	}
	l.reads = func() (bool, error) { return false, nil }
	l.morning("2025-11-26")
	if n := len(l.mails()); n != 1 || l.known() {
		t.Errorf("%d mails, known: %v", n, l.known())
	}
}

func TestMistypedMailIsAnsweredWithTheWayOut(t *testing.T) {
	l := newLab(t)
	for words, want := range map[string]string{
		"mail":                          "mail me@example.org",
		"mail ana":                      "`ana` is no mail address. Write it as `me@example.org`.",
		"mail ana@localhost":            "is no mail address",
		"mail <ana@x.org>\r\nBcc:x@y.z": "",
		"mail ana@example.net 25:00":    "`25:00` is not a time of day",
		"mail ana@example.net CET+1":    "I do not know the zone `CET+1`",
	} {
		r := l.reply("ana", words)
		if want != "" {
			testkit.Sees(t, text(r.Card), want)
		}
		if r.Public || len(r.Line) > 0 {
			t.Errorf("%q: everybody hears of it", words)
		}
	}
	l.bot.Chat.Subscriber = nil
	testkit.Sees(t, l.says("mail "+address), "nobody has set up a mail server for me")
	if n := len(l.server.Taken()); n > 0 {
		l.until("2025-11-24 12:01")
		t.Errorf("%d mails", n)
	}
}

// Somebody's mail is in no file that others take away, and on no page of a chat.
func TestAMailIsNobodyElsesBusiness(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	all, err := l.bot.ExportConfig(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Sees(t, string(all), "#papers")
	testkit.DoesNotSee(t, string(all), address, mail.Name+"/")
	for _, who := range []string{"ana", "ben"} {
		home := l.bot.Home(t.Context(), core.Installation{Platform: mail.Name}, core.User{Key: "web:" + who, Name: who})
		for _, row := range home.Rows {
			testkit.DoesNotSee(t, row.Text.String(), address)
		}
	}
}

func TestAMailFromAChannelWhereNobodySaidAnythingYet(t *testing.T) {
	l := newLab(t)
	fresh := core.Request{ID: "r1", Channel: core.ChannelKey{Platform: "web", Workspace: "T1", ID: "fresh"}, Name: "#fresh", User: core.User{Key: "web:ana", Name: "ana"}, Text: "mail " + address + " 9 Berlin"}
	testkit.Sees(t, text(l.bot.Do(t.Context(), fresh).Card), "is on its way there", "This channel follows nothing yet")
	if again := l.bot.Do(t.Context(), fresh); !again.Card.Empty() {
		t.Error("a request that came twice is answered twice")
	}
	l.until("2025-11-24 12:01")
	if n := len(l.server.Taken()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// Two channels that post the same papers bring them to one address once.
func TestAnAddressGetsAPaperOnceThoughTwoChannelsPostIt(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	other := core.ChannelKey{Platform: "web", Workspace: "T1", ID: "b"}
	in := func(words string) {
		l.bot.Do(t.Context(), core.Request{Channel: other, Name: "#b", User: core.User{Key: "web:ana", Name: "ana"}, Text: words})
	}
	in("subscribe lora")
	in("schedule 09:00 Europe/Berlin daily")
	l.now = at("2025-11-25 13:01") // an address is asked once a day
	in("mail ANA@example.net 09:00 Europe/Berlin daily")
	l.until("2025-11-25 13:02")
	if n := len(l.server.Taken()); n != 2 {
		t.Fatalf("%d mails asked for a confirmation", n)
	}
	if code, page := l.asks(http.MethodPost, l.link("confirm"), ""); code != http.StatusOK {
		t.Fatal(code, page)
	}
	l.morning("2025-11-26")
	mails := l.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails to one address of the same papers", len(mails))
	}
	if code, page := l.asks(http.MethodPost, links.FindStringSubmatch(mails[0].text)[1], ""); code != http.StatusOK {
		t.Fatal(code, page)
	}
	l.morning("2025-11-27")
	if mails := l.mails(); len(mails) != 2 || mails[1].subject(t) != "Papers · Thu 27 Nov · #b" {
		t.Errorf("%d mails, and one of the two was ended", len(mails))
	}
}
