package fakediscord_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "paperboy/internal/fakediscord"
)

// What passes here passes at Discord only as long as the fake is as strict: the
// bot's own tests never go beyond its limits.

func TestAMessageBeyondDiscordsLimitsIsRefusedAtItsField(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		long := strings.Repeat("x", 4096)
		for field, bad := range map[string]body{
			"content":                             content(long[:2001]),
			"nonce":                               {"content": "x", "nonce": long[:26]},
			"embeds":                              {"embeds": []any{body{"description": long}, body{"description": long[:1905]}}},
			"embeds.0.title":                      {"embeds": []any{body{"title": long[:257]}}},
			"embeds.0.fields":                     {"embeds": []any{body{"fields": slices.Repeat([]any{body{"name": "n", "value": "v"}}, 26)}}},
			"embeds.0.fields.0.value":             {"embeds": []any{body{"fields": []any{body{"name": "n", "value": long[:1025]}}}}},
			"embeds.0.footer.text":                {"embeds": []any{body{"footer": body{"text": long[:2049]}}}},
			"embeds.0.author.name":                {"embeds": []any{body{"author": body{"name": long[:257]}}}},
			"embeds.1.title":                      {"content": long[:2001], "embeds": []any{body{"title": "t"}, body{"title": 7}}},
			"embeds.0.image.url":                  {"embeds": []any{body{"image": body{"url": "ftp://example.org/x"}}}},
			"message_reference":                   {"content": "x", "message_reference": body{"message_id": "7"}},
			"allowed_mentions.users":              {"content": "x", "allowed_mentions": body{"users": slices.Repeat([]string{"1"}, 101)}},
			"components.0.components.0.options":   {"content": "x", "components": []any{body{"type": 1, "components": []any{body{"type": 3, "custom_id": "s"}}}}},
			"embeds.0.color":                      {"embeds": []any{body{"title": "t", "color": 1 << 24}}},
			"embeds.0.timestamp":                  {"embeds": []any{body{"title": "t", "timestamp": "today"}}},
			"embeds.0":                            {"embeds": []any{"t"}},
			"components.0.type":                   {"content": "x", "components": []any{body{"type": 2}}},
			"components.0.components.0.type":      {"content": "x", "components": []any{body{"type": 1, "components": []any{body{"type": 9}}}}},
			"components.0.components.0.style":     {"content": "x", "components": buttons(1, body{"style": 7})},
			"components.0.components.0":           {"content": "x", "components": buttons(1, body{"style": 5, "url": "https://arxiv.org"})},
			"allowed_mentions.parse":              {"content": "x", "allowed_mentions": body{"parse": []string{"all"}}},
			"embeds.0.url":                        {"embeds": []any{body{"title": "t", "url": "javascript:x"}}},
			"components":                          {"content": "x", "components": slices.Repeat(buttons(1, nil), 6)},
			"components.0.components":             {"content": "x", "components": buttons(6, nil)},
			"components.0.components.0.custom_id": {"content": "x", "components": buttons(1, body{"custom_id": long[:101]})},
			"components.0.components.1.custom_id": {"content": "x", "components": buttons(2, body{"custom_id": "same"})},
			"components.0.components.0.label":     {"content": "x", "components": buttons(1, body{"label": long[:81]})},
			"components.0.components.0.url":       {"content": "x", "components": buttons(1, body{"style": 5, "custom_id": nil})},
			"flags":                               {"content": "x", "flags": fake.FlagEphemeral},
			"allowed_mentions":                    {"content": "x", "allowed_mentions": body{"parse": []string{"users"}, "users": []string{"1"}}},
		} {
			l.refuses(field, bad)
		}
		for _, empty := range []any{content(" "), body{"embeds": []any{body{"color": 1}, body{"title": " "}}}} {
			if code := l.post(l.papers, empty); code != 50006 {
				t.Error("empty:", code)
			}
		}
		fits := body{"content": long[:2000], "embeds": []any{body{"description": long + "\n"}, body{"description": long[:1904]}}, "components": buttons(5, nil)}
		if code := l.post(l.papers, fits); code >= 0 {
			t.Error("at the limits:", code)
		}
		if all := l.Posts(l.papers); len(all) != 1 || all[0].Embeds[0]["description"] != long {
			t.Error("space around a text is cut", all)
		}
	})
}

func TestTheBotMayDoWhatItsPermissionsSay(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		channel := "channels/" + l.papers.ID
		at := channel + "/messages/" + l.must("POST", channel+"/messages", content("first"))
		for _, c := range []struct {
			lacks        fake.Perm
			want         int
			method, path string
			sent         any
		}{
			{fake.ViewChannel, 50001, "POST", channel + "/messages", content("x")},
			{fake.SendMessages, 50013, "POST", channel + "/messages", content("x")},
			{fake.EmbedLinks, 50013, "POST", channel + "/messages", body{"embeds": []any{body{"title": "t"}}}},
			{fake.CreatePublicThreads, 50013, "POST", at + "/threads", body{"name": "Papers"}},
			{fake.ReadMessageHistory, 50013, "GET", at, nil},
			{fake.AddReactions, 50013, "PUT", at + "/reactions/👍/@me", nil},
		} {
			l.Revokes(l.papers, c.lacks)
			if code, _ := l.call(c.method, c.path, c.sent); code != c.want {
				t.Errorf("without %b: %d", c.lacks, code)
			}
			l.Grants(l.papers, c.lacks)
			if code, _ := l.call(c.method, c.path, c.sent); code >= 0 {
				t.Errorf("with %b: %d", c.lacks, code)
			}
		}
		l.Revokes(l.papers, fake.EmbedLinks, fake.ReadMessageHistory)
		l.post(l.papers, body{"content": "beside it", "embeds": []any{body{"title": "t"}}})
		posts := l.Posts(l.papers)
		if last := posts[len(posts)-1]; last.Reads() != "beside it" {
			t.Error("without Embed Links a message loses its embeds in silence:", last.Reads())
		}
		if _, all := l.call("GET", channel+"/messages", nil); len(all.([]any)) != 0 {
			t.Error("without history a list is empty", all)
		}
		l.Grants(l.papers, fake.EmbedLinks, fake.ReadMessageHistory)
		if code, _ := l.call("POST", at+"/threads", body{"name": "Papers"}); code != 160004 {
			t.Error("a second thread:", code)
		}
		thread := l.Thread(l.Posts(l.papers)[0])
		within := "channels/" + thread.ID + "/messages"
		l.Revokes(l.papers, fake.SendMessagesInThreads)
		if code := l.post(thread, content("x")); code != 50013 {
			t.Error(code)
		}
		l.Grants(l.papers, fake.SendMessagesInThreads)
		inside := within + "/" + l.must("POST", within, content("in it"))
		l.Archives(thread, false)
		for what, c := range map[string]struct {
			method, path string
			sent         any
		}{"reactions": {"PUT", inside + "/reactions/👍/@me", nil}, "edits": {"PATCH", inside, content("y")}} {
			if code, _ := l.call(c.method, c.path, c.sent); code != 50083 {
				t.Errorf("archived threads take no %s: %d", what, code)
			}
		}
		if l.post(thread, content("wakes it")) >= 0 {
			t.Error("a message opens it again")
		}
		l.must("PATCH", inside, content("y"))
		l.Archives(thread, true)
		if code := l.post(thread, content("x")); code != 50083 {
			t.Error("locked:", code)
		}
		theirs := l.Says(l.ana, l.papers, "hers")
		if code, _ := l.call("PATCH", channel+"/messages/"+theirs.ID, content("y")); code != 50005 {
			t.Error("another's:", code)
		}
		l.DeletesChannel(l.papers)
		if code := l.post(l.papers, content("x")); code != 10003 {
			t.Error(code)
		}
		l.Kicks(l.guild)
		if code, _ := l.call("GET", "guilds/"+l.guild.ID, nil); code != 10004 {
			t.Error(code)
		}
	})
}

func TestAForumTakesPostsWithTags(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		f := l.guild.Forum("papers-forum", "LLM", "vision")
		l.Requires(f)
		if code := l.post(f, content("x")); code != 40058 {
			t.Error(code)
		}
		_, ch := l.call("GET", "channels/"+f.ID, nil)
		vision := ch.(body)["available_tags"].([]any)[1].(body)["id"].(string)
		for _, c := range []struct {
			text string
			tags []string
			want int
		}{{"a paper", nil, 40067}, {"a paper", []string{"1"}, 50035}, {" ", []string{vision}, 50006}, {strings.Repeat("x", 2001), []string{vision}, 50035}, {"a paper", []string{vision}, -1}} {
			if code, _ := l.call("POST", "channels/"+f.ID+"/threads", body{"name": "Diffusion", "applied_tags": c.tags, "message": content(c.text)}); code != c.want {
				t.Error(c.text, c.tags, code)
			}
		}
		posts := l.Threads(f)
		if len(posts) != 1 || !slices.Equal(l.Tags(posts[0]), []string{"vision"}) || l.Posts(posts[0])[0].ID != posts[0].ID {
			t.Error(posts)
		}
		if a := l.Types(l.ana, f, "today", nil); a.Error == "" {
			t.Error("nobody can type in a forum's root")
		}
	})
}

func TestANonceFindsTheEarlierMessageForSomeMinutes(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		other := l.guild.Channel("other")
		keyed := content("once")
		keyed["nonce"], keyed["enforce_nonce"] = "c1:2412.00001", true
		l.post(l.papers, keyed)
		l.post(other, keyed) // a minute later
		if n := len(l.Posts(l.papers)) + len(l.Posts(other)); n != 1 || l.Counts().NonceHits != 1 {
			t.Errorf("%d messages, %+v", n, l.Counts())
		}
		time.Sleep(4 * time.Minute)
		l.post(l.papers, keyed)
		keyed["enforce_nonce"] = false
		l.post(other, keyed)
		if len(l.Posts(other)) != 1 || len(l.Posts(l.papers)) != 2 {
			t.Error("a nonce holds only when enforced, and some minutes")
		}
	})
}

func TestAMessageNotifiesWhomItsContentNamesUnlessItMayNot(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		editors := l.guild.Role("editors")
		text := fmt.Sprintf("@everyone <@%s> <@&%s> <@42> \\@here", l.ben.ID, editors.ID)
		for _, c := range []struct {
			allowed any
			want    []string
		}{
			{nil, []string{"@everyone", "@ben", "@editors", "@here"}},
			{body{"parse": []string{}}, nil},
			{body{"parse": []string{"users"}}, []string{"@ben"}},
			{body{"parse": []string{}, "roles": []string{editors.ID}}, []string{"@editors"}},
		} {
			b := body{"content": text, "embeds": []any{body{"title": "@everyone"}}}
			if c.allowed != nil {
				b["allowed_mentions"] = c.allowed
			}
			l.post(l.papers, b)
			posts := l.Posts(l.papers)
			if diff := cmp.Diff(c.want, posts[len(posts)-1].Notifies()); diff != "" {
				t.Error(diff)
			}
		}
		if n := l.Counts().NoMentions; n != 1 {
			t.Error(n)
		}
	})
}

func TestMarkdownShowsWhatStrangersTextCauses(t *testing.T) {
	for in, want := range map[string][]string{
		`**Diff_u_sion**`:                      {"Diff_u_sion", "bold: Diff_u_sion"},
		`\*\*not bold\*\* \<@1\> \|\|x\|\|`:    {"**not bold** <@1> ||x||"},
		"# big\n- point":                       {"big\npoint", "heading: big", "list: point"},
		"[arXiv](https://evil.example) `a*b*`": {"arXiv a*b*", "link: arXiv https://evil.example", "code: a*b*"},
		"snake_case_name and <@12>":            {"snake_case_name and <@12>", "mention: <@12>"},
		`\# not \- a _heading_!`:               {"# not - a heading!", "italic: heading"},
	} {
		m := fake.Message{Content: in}
		if diff := cmp.Diff(want, append([]string{m.Reads()}, m.Formats()...)); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
	same := fake.Message{Embeds: []body{{"title": "one", "url": "https://arxiv.org"}, {"title": "two", "url": "https://arxiv.org"}, {"title": "three"}, {"title": "four"}}}
	hidden := fake.Message{Content: "x", Embeds: []body{{"title": "one"}}, Flags: fake.FlagSuppressEmbeds}
	if got := hidden.Reads(); got != "x" {
		t.Error("suppressed embeds do not show:", got)
	}
	if got := same.Reads(); got != "one\nthree\nfour" {
		t.Error("embeds with one URL are merged:", got)
	}
}

func TestCommandsKeepTheirLimits(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		put := func(all ...any) int {
			code, _ := l.call("PUT", "applications/"+fake.AppID+"/guilds/"+l.guild.ID+"/commands", all)
			return code
		}
		option := func(kind int, name string, change body) body {
			o := body{"type": kind, "name": name, "description": "d"}
			for k, v := range change {
				o[k] = v
			}
			return o
		}
		papers := func(options ...any) body { return body{"name": "papers", "description": "d", "options": options} }
		var many []any
		for i := range 26 {
			many = append(many, option(1, fmt.Sprint("s", i), nil))
		}
		var big []any
		for i := range 25 {
			big = append(big, option(1, fmt.Sprint("s", i), body{"description": strings.Repeat("d", 100), "options": []any{
				option(3, "x", body{"description": strings.Repeat("d", 100)}), option(3, "y", body{"description": strings.Repeat("d", 100)}), option(3, "z", body{"description": strings.Repeat("d", 20)})}}))
		}
		for name, bad := range map[string]body{
			"upper case":          {"name": "Papers", "description": "d"},
			"a space":             {"name": "pa pers", "description": "d"},
			"undescribed":         {"name": "papers"},
			"long":                {"name": "papers", "description": strings.Repeat("d", 101)},
			"26 options":          papers(many...),
			"required last":       papers(option(3, "a", nil), option(3, "b", body{"required": true})),
			"nested":              papers(option(1, "a", body{"options": []any{option(1, "b", nil)}})),
			"a flag's choices":    papers(option(5, "a", body{"choices": []any{body{"name": "c", "value": 1}}})),
			"half a number":       papers(option(4, "a", body{"choices": []any{body{"name": "c", "value": 0.5}}})),
			"the same name twice": papers(option(1, "a", nil), option(1, "a", nil)),
			"8000 characters":     papers(big...),
		} {
			if code := put(bad); code != 50035 {
				t.Errorf("%s: %d", name, code)
			}
		}
		for range 2 {
			if code := put(papers(many[:25]...), body{"name": "Save", "type": 3}); code >= 0 || l.Counts().CommandsCreated != 2 {
				t.Errorf("%d, %d created", code, l.Counts().CommandsCreated)
			}
		}
	})
}

func TestStrangersAreTurnedAway(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		get := func(token, agent string) int {
			r, w := httptest.NewRequest("GET", l.API+"users/@me", nil), httptest.NewRecorder()
			r.Header.Set("Authorization", token)
			r.Header.Set("User-Agent", agent)
			l.ServeHTTP(w, r)
			return w.Code
		}
		const agent = "DiscordBot (https://example.org, 1.0)"
		for _, c := range []struct {
			token, agent string
			want         int
		}{{"Bot " + fake.Token, agent, 200}, {"Bot wrong", agent, 401}, {"Bearer " + fake.Token, agent, 401}, {"Bot " + fake.Token, "Go-http-client/1.1", 403}} {
			if got := get(c.token, c.agent); got != c.want {
				t.Error(c, got)
			}
		}
		l.RefusesToken()
		if get("Bot "+fake.Token, agent) != 401 || l.Counts().Invalid != 3 {
			t.Error(l.Counts())
		}
	})
}

func TestAWrongIdentifyIsClosedWithItsCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want int
		op   int
		d    body
	}{
		{4004, 2, body{"token": "wrong"}}, {4013, 2, body{"intents": 1 << 40}}, {4014, 2, body{"intents": 1 << 15}},
		{4010, 2, body{"shard": []int{2, 2}}}, {4010, 2, body{"shard": []int{0, 0}}}, {4002, 2, body{"shard": []int{0}}}, {4002, 2, body{"properties": nil}}, {4001, 99, nil}, {4003, 3, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t).dial()
			if c.op == 2 {
				s.identify(c.d)
			} else {
				s.do(c.op, c.d)
			}
			if got := s.code(); got != c.want {
				t.Errorf("%v: %d", c, got)
			}
		})
	}
}

// A shard hears its own servers only, is begun in its own window, and is refused
// when it has too many.
func TestAShardIsAPartOfTheServers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, fake.Options{InProcess: true, Heartbeat: time.Minute, Shards: 3, Concurrency: 2, PerShard: 2})
		guilds := []*fake.Guild{l.guild}
		for len(guilds) < 6 {
			guilds = append(guilds, l.Guild("another"))
		}
		begin := func(shard ...int) *socket {
			s := l.dial()
			s.identify(body{"shard": shard})
			return s
		}
		if got := begin(0, 1).code(); got != 4011 {
			t.Errorf("all of them on one: %d", got)
		}
		time.Sleep(5 * time.Second)
		shards := []*socket{begin(0, 3), begin(1, 3)}
		synctest.Wait()
		begin(2, 3) // in the window of the first
		time.Sleep(5 * time.Second)
		shards = append(shards, begin(2, 3))
		heard := map[any]int{}
		for i, s := range shards {
			for _, g := range s.until("READY")["guilds"].([]any) {
				heard[g.(body)["id"]] = i
			}
		}
		if len(heard) != len(guilds) {
			t.Errorf("heard of %v", heard)
		}
		if c := l.Counts(); c.Early != 1 || c.Ready != 3 || len(l.Online()) != 3 {
			t.Errorf("%+v %v", c, l.Online())
		}
		l.Kicks(guilds[4])
		if gone := shards[heard[guilds[4].ID]].until("GUILD_DELETE"); gone["id"] != guilds[4].ID {
			t.Errorf("%v", gone)
		}
	})
}

// choose is a select menu in a row, changed.
func choose(options int, change body) []any {
	var all []any
	for i := range options {
		all = append(all, body{"label": "o", "value": fmt.Sprint(i)})
	}
	menu := body{"type": 3, "custom_id": "s", "options": all}
	for k, v := range change {
		menu[k] = v
	}
	return []any{body{"type": 1, "components": []any{menu}}}
}

func TestASelectMenuBeyondDiscordsLimitsIsRefused(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		long := strings.Repeat("x", 151)
		option := func(change body) body {
			o := body{"label": "o", "value": "v"}
			for k, v := range change {
				o[k] = v
			}
			return body{"options": []any{o}}
		}
		beside := choose(1, nil)
		beside[0].(body)["components"] = append(beside[0].(body)["components"].([]any), body{"type": 2, "style": 2, "label": "b", "custom_id": "b"})
		for what, rows := range map[string][]any{
			"26 options":          choose(26, nil),
			"no option":           choose(0, nil),
			"a long placeholder":  choose(1, body{"placeholder": long}),
			"no id":               choose(1, body{"custom_id": ""}),
			"a long label":        choose(1, option(body{"label": long[:101]})),
			"a long value":        choose(1, option(body{"value": long[:101]})),
			"a long description":  choose(1, option(body{"description": long[:101]})),
			"no value":            choose(1, option(body{"value": ""})),
			"the same value":      choose(1, body{"options": []any{body{"label": "a", "value": "v"}, body{"label": "b", "value": "v"}}}),
			"two chosen of one":   choose(1, body{"options": []any{body{"label": "a", "value": "v", "default": true}, body{"label": "b", "value": "w", "default": true}}}),
			"more than there are": choose(2, body{"max_values": 3}),
			"a button beside it":  beside,
			"two with one id":     append(choose(1, nil), choose(1, nil)...),
		} {
			if code := l.post(l.papers, body{"content": "x", "components": rows}); code != 50035 {
				t.Errorf("%s: %d", what, code)
			}
		}
		if code := l.post(l.papers, body{"content": "x", "components": choose(25, body{"placeholder": long[:150]})}); code >= 0 {
			t.Errorf("at the limits: %d", code)
		}
	})
}

// label is a part of a modal with a text input in it, changed.
func label(change body) body {
	input := body{"type": 4, "custom_id": "i", "style": 1}
	for k, v := range change {
		input[k] = v
	}
	return body{"type": 18, "label": "l", "component": input}
}

// A modal is taken as the first answer only, and only with what a modal holds.
func TestAModalKeepsItsLimitsAndItsPlace(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		l.must("PUT", "applications/"+fake.AppID+"/commands", []body{{"name": "papers", "type": 1, "description": "Papers", "options": []body{{"type": 1, "name": "today", "description": "d"}}}})
		s := l.dial()
		s.identify(nil)
		s.until("READY")
		long := strings.Repeat("x", 4001)
		var six []any
		for i := range 6 {
			six = append(six, label(body{"custom_id": fmt.Sprint(i)}))
		}
		modal := func(parts ...any) body { return body{"custom_id": "m", "title": "t", "components": parts} }
		answered := make(chan *fake.Answer)
		go func() { answered <- l.Types(l.ana, l.papers, "today", nil) }()
		i := s.until("INTERACTION_CREATE")
		callback := func(i body, sent body) int {
			code, _ := l.now("POST", fmt.Sprint("interactions/", i["id"], "/", i["token"], "/callback"), sent)
			return code
		}
		for what, data := range map[string]body{
			"six parts":            modal(six...),
			"no part":              modal(),
			"no title":             {"custom_id": "m", "components": []any{label(nil)}},
			"a long title":         {"custom_id": "m", "title": long[:46], "components": []any{label(nil)}},
			"a long id":            {"custom_id": long[:101], "title": "t", "components": []any{label(nil)}},
			"a button":             modal(body{"type": 18, "label": "l", "component": body{"type": 2, "style": 2, "label": "b", "custom_id": "b"}}),
			"a row of buttons":     modal(buttons(1, nil)[0]),
			"a bare input":         modal(body{"type": 4, "custom_id": "i", "style": 1, "label": "l"}),
			"two labels":           modal(label(body{"label": "another"})),
			"a long label":         modal(body{"type": 18, "label": long[:46], "component": body{"type": 4, "custom_id": "i", "style": 1}}),
			"an empty hint":        modal(body{"type": 18, "label": "l", "description": "", "component": body{"type": 4, "custom_id": "i", "style": 1}}),
			"a long placeholder":   modal(label(body{"placeholder": long[:101]})),
			"no style":             modal(label(body{"style": 0})),
			"more than it takes":   modal(label(body{"value": "abc", "max_length": 2})),
			"a long value":         modal(label(body{"value": long})),
			"one id twice":         modal(label(nil), label(nil)),
			"a menu of 26":         modal(body{"type": 18, "label": "l", "component": choose(26, nil)[0].(body)["components"].([]any)[0]}),
			"a menu that is grey":  modal(body{"type": 18, "label": "l", "component": choose(1, body{"disabled": true})[0].(body)["components"].([]any)[0]}),
			"two inputs in a row":  modal(body{"type": 1, "components": []any{body{"type": 4, "custom_id": "i", "style": 1, "label": "l"}, body{"type": 4, "custom_id": "j", "style": 1, "label": "l"}}}),
			"text without content": modal(body{"type": 10, "content": ""}),
		} {
			if code := callback(i, body{"type": 9, "data": data}); code != 50035 {
				t.Errorf("%s: %d", what, code)
			}
		}
		fits := modal(body{"type": 10, "content": "about"}, label(body{"value": "before"}), body{"type": 18, "label": "Days", "description": "d", "component": choose(2, body{"custom_id": "days"})[0].(body)["components"].([]any)[0]})
		if code := callback(i, body{"type": 9, "data": fits}); code >= 0 {
			t.Fatal(code)
		}
		a := <-answered
		if w := a.Window(); w == nil || w.Title != "t" || w.Text != "about" || w.Values["l"] != "before" {
			t.Fatalf("%+v", w)
		}
		if code, _ := l.now("POST", fmt.Sprint("webhooks/", fake.AppID, "/", i["token"]), content("x")); code != 10015 {
			t.Errorf("a window has no answer to add to: %d", code)
		}
		for what, change := range map[string]map[string]string{"no such field": {"x": "y"}, "not offered": {"Days": "z"}, "empty": {"l": " ", "Days": "o"}, "nothing chosen": {}} {
			if said := a.Submits(change); said.Error == "" {
				t.Error(what)
			}
		}
		go func() { answered <- a.Submits(map[string]string{"Days": "o"}) }()
		i = s.until("INTERACTION_CREATE")
		if code := callback(i, body{"type": 9, "data": fits}); code != 50035 {
			t.Errorf("a modal after a modal: %d", code)
		}
		if code := callback(i, body{"type": 6}); code != 50035 {
			t.Errorf("there is no message to change: %d", code)
		}
		if code := callback(i, body{"type": 5, "data": body{"flags": fake.FlagEphemeral}}); code >= 0 {
			t.Error(code)
		}
		if a := <-answered; a.Error != "" {
			t.Error(a.Error)
		}
		data := i["data"].(body)
		if i["type"] != 5.0 || data["custom_id"] != "m" || len(data["components"].([]any)) != 2 {
			t.Errorf("%v", i)
		}
	})
}
