package fakediscord_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	fake "paperboy/internal/fakediscord"
)

// post sends a body as it is, for what discordgo does not know.
func (l *lab) post(c *fake.Channel, body any) ([]byte, error) {
	return l.s.RequestWithBucketID("POST", discordgo.EndpointChannelMessages(c.ID), body, c.ID)
}

// code is Discord's error code; 0 without one, -1 without an error.
func code(err error) int {
	var rest *discordgo.RESTError
	switch {
	case err == nil:
		return -1
	case errors.As(err, &rest) && rest.Message != nil:
		return rest.Message.Code
	}
	return 0
}

// fast is a Discord whose rate limits nobody meets.
var fast = fake.Options{Scale: 1000}

type body = map[string]any

func content(s string) body { return body{"content": s, "allowed_mentions": body{"parse": []string{}}} }

func buttons(n int, change body) []any {
	var all []any
	for i := range n {
		b := body{"type": 2, "style": 2, "label": "b", "custom_id": fmt.Sprint(i)}
		for k, v := range change {
			b[k] = v
		}
		all = append(all, b)
	}
	return []any{body{"type": 1, "components": all}}
}

func TestAMessageBeyondDiscordsLimitsIsRefusedAtItsField(t *testing.T) {
	l := open(t)
	for _, route := range []string{fake.CreateMessage, fake.AddReaction} {
		l.Limits(route, fake.Limit{N: 1000, Per: time.Second})
	}
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
		_, err := l.post(l.papers, bad)
		var rest *discordgo.RESTError
		if code(err) != 50035 || !errors.As(err, &rest) {
			t.Errorf("%s: %v", field, err)
			continue
		}
		var tree struct{ Errors body }
		if err := discordgo.Unmarshal(rest.ResponseBody, &tree); err != nil {
			t.Fatal(err)
		}
		at := tree.Errors
		for _, part := range strings.Split(field, ".") {
			at, _ = at[part].(body)
		}
		if at["_errors"] == nil {
			t.Errorf("%s: the tree is %v", field, tree.Errors)
		}
	}
	for _, empty := range []any{content(" "), body{"embeds": []any{body{"color": 1}, body{"title": " "}}}} {
		if _, err := l.post(l.papers, empty); code(err) != 50006 {
			t.Error("empty:", err)
		}
	}
	for _, wrong := range []any{[]any{content("x")}, "x"} {
		if _, err := l.post(l.papers, wrong); code(err) != 50035 {
			t.Error("no object:", err)
		}
	}
	fits := body{"content": long[:2000], "embeds": []any{body{"description": long + "\n"}, body{"description": long[:1904]}}, "components": buttons(5, nil)}
	if _, err := l.post(l.papers, fits); err != nil {
		t.Error("at the limits:", err)
	}
	if n := len(l.Posts(l.papers)); n != 1 {
		t.Errorf("%d messages stand", n)
	}
	m := l.Posts(l.papers)[0]
	if m.Embeds[0]["description"] != long {
		t.Error("space around a text is cut")
	}
	l.Grants(l.papers, fake.AddReactions)
	for _, e := range []string{"👍", "👍🏽", "1️⃣", "❤️"} {
		if err := l.s.MessageReactionAdd(l.papers.ID, m.ID, e); err != nil {
			t.Error(e, err)
		}
	}
	for _, e := range []string{"1", "up", "é", "up:123"} {
		if err := l.s.MessageReactionAdd(l.papers.ID, m.ID, e); code(err) != 10014 {
			t.Error(e, err)
		}
	}
}

func TestAMessageTakesTwentyEmojiAndTenFiles(t *testing.T) {
	l := open(t, fast)
	m := l.Says(l.ana, l.papers, "hello")
	for i := range 21 {
		if err := l.Reacts(l.ana, m, string(rune('🍇'+i))); (err != nil) != (i == 20) || err != nil && !strings.HasPrefix(err.Error(), "30010") {
			t.Error(i, err)
		}
	}
	if err := l.s.MessageReactionAdd(l.papers.ID, m.ID, "🍇"); err != nil {
		t.Error("without Add Reactions one can join those that are there:", err)
	}
	send := func(n, size int) error {
		var files []*discordgo.File
		for range n {
			files = append(files, &discordgo.File{Name: "a.bib", Reader: strings.NewReader(strings.Repeat("x", size))})
		}
		_, err := l.s.ChannelMessageSendComplex(l.papers.ID, &discordgo.MessageSend{Files: files})
		return err
	}
	for _, c := range []struct{ n, size, want int }{{10, 9, -1}, {11, 9, 50035}, {1, 10<<20 + 1, 40005}} {
		if err := send(c.n, c.size); code(err) != c.want {
			t.Error(c, err)
		}
	}
}

func TestTheBotMayDoWhatItsPermissionsSay(t *testing.T) {
	l := open(t, fast)
	embed := body{"embeds": []any{body{"title": "t"}}}
	m, err := l.s.ChannelMessageSend(l.papers.ID, "first")
	if err != nil {
		t.Fatal(err)
	}
	start := func() error {
		_, err := l.s.MessageThreadStart(l.papers.ID, m.ID, "Papers", 1440)
		return err
	}
	for _, c := range []struct {
		lacks fake.Perm
		want  int
		do    func() error
	}{
		{fake.ViewChannel, 50001, func() error { _, err := l.post(l.papers, content("x")); return err }},
		{fake.SendMessages, 50013, func() error { _, err := l.post(l.papers, content("x")); return err }},
		{fake.EmbedLinks, 50013, func() error { _, err := l.post(l.papers, embed); return err }},
		{fake.CreatePublicThreads, 50013, start},
		{fake.ReadMessageHistory, 50013, func() error { _, err := l.s.ChannelMessage(l.papers.ID, m.ID); return err }},
		{fake.AddReactions, 50013, func() error { return l.s.MessageReactionAdd(l.papers.ID, m.ID, "👍") }},
		{fake.AttachFiles, 50013, func() error { _, err := l.s.ChannelFileSend(l.papers.ID, "a.bib", strings.NewReader("@a")); return err }},
	} {
		l.Revokes(l.papers, c.lacks)
		if err := c.do(); code(err) != c.want {
			t.Errorf("without %b: %v", c.lacks, err)
		}
		l.Grants(l.papers, c.lacks)
		if err := c.do(); err != nil {
			t.Errorf("with %b: %v", c.lacks, err)
		}
	}
	old, err := l.s.ChannelMessageSendEmbed(l.papers.ID, &discordgo.MessageEmbed{Title: "old"})
	if err != nil {
		t.Fatal(err)
	}
	l.Revokes(l.papers, fake.EmbedLinks)
	embed["content"] = "beside it"
	_, err = l.post(l.papers, embed)
	posts := l.Posts(l.papers)
	if last := posts[len(posts)-1]; err != nil || last.Reads() != "beside it" {
		t.Error("without Embed Links a message loses its embeds in silence:", last.Reads(), err)
	}
	if edited, err := l.s.ChannelMessageEditEmbed(l.papers.ID, old.ID, &discordgo.MessageEmbed{Title: "new"}); err != nil || edited.Embeds[0].Title != "old" {
		t.Error("and an edit of them does nothing:", edited, err)
	}
	l.Grants(l.papers, fake.EmbedLinks)
	l.Revokes(l.papers, fake.ReadMessageHistory)
	if all, err := l.s.ChannelMessages(l.papers.ID, 10, "", "", ""); err != nil || len(all) != 0 {
		t.Error("without history a list is empty", all, err)
	}

	reply := content("yes")
	reply["message_reference"] = body{"message_id": m.ID}
	if _, err := l.post(l.papers, reply); code(err) != 160002 {
		t.Error("nor is there anything to reply to:", err)
	}
	l.Grants(l.papers, fake.ReadMessageHistory)
	if _, err := l.post(l.papers, reply); err != nil {
		t.Error(err)
	}
	reply["message_reference"] = body{"message_id": "7"}
	if _, err := l.post(l.papers, reply); code(err) != 50035 {
		t.Error(err)
	}
	if err := start(); code(err) != 160004 {
		t.Error(err)
	}
	thread := l.Thread(l.Posts(l.papers)[0])
	if thread == nil || thread.ID != m.ID {
		t.Fatal("a thread has its message's id")
	}
	l.Revokes(l.papers, fake.SendMessagesInThreads)
	if _, err := l.post(thread, content("x")); code(err) != 50013 {
		t.Error(err)
	}
	l.Grants(l.papers, fake.SendMessagesInThreads)
	inside, err := l.s.ChannelMessageSend(thread.ID, "in it")
	if err != nil {
		t.Fatal(err)
	}
	all, err := l.s.ChannelMessages(thread.ID, 10, "", "", "")
	if err != nil || len(all) != 2 || all[1].Type != discordgo.MessageTypeThreadStarterMessage || all[1].Content != "" || all[1].MessageReference.MessageID != m.ID {
		t.Error("a thread begins with a reference to its message", all, err)
	} else if _, err := l.s.ChannelMessageEdit(thread.ID, all[1].ID, "y"); code(err) != 50021 {
		t.Error("that one is the system's:", err)
	}
	l.Archives(thread, false)
	if err := l.s.MessageReactionAdd(thread.ID, inside.ID, "👍"); code(err) != 50083 {
		t.Error("archived threads take no reactions:", err)
	}
	if _, err := l.s.ChannelMessageEdit(thread.ID, inside.ID, "y"); code(err) != 50083 {
		t.Error("archived threads take no edits:", err)
	}
	second := l.Posts(thread)[0]
	if _, err := l.post(thread, content("wakes it")); err != nil {
		t.Error(err)
	}
	if err := l.s.MessageReactionAdd(thread.ID, second.ID, "👍"); err != nil {
		t.Error(err)
	}
	if _, err := l.s.ChannelMessageEdit(thread.ID, inside.ID, "y"); err != nil {
		t.Error("awake again:", err)
	}
	l.Archives(thread, true)
	if _, err := l.post(thread, content("x")); code(err) != 50083 {
		t.Error("locked:", err)
	}
	if err := l.s.MessageReactionRemove(thread.ID, second.ID, "👍", "@me"); code(err) != 50083 {
		t.Error("locked:", err)
	}
	if err := l.s.ChannelMessageDelete(thread.ID, second.ID); code(err) != 50083 {
		t.Error("locked:", err)
	}
	l.DeletesChannel(l.papers)
	if _, err := l.post(l.papers, content("x")); code(err) != 10003 {
		t.Error(err)
	}
	l.Kicks(l.guild)
	if _, err := l.s.Guild(l.guild.ID); code(err) != 10004 {
		t.Error(err)
	}
}

func TestAMessageIsItsAuthorsAndOldOnesAreEditedSeldom(t *testing.T) {
	now := time.Date(2024, 12, 10, 9, 0, 0, 0, time.UTC)
	l := open(t, fake.Options{Now: func() time.Time { return now }, Scale: 1000})
	m, err := l.s.ChannelMessageSend(l.papers.ID, "mine")
	if err != nil {
		t.Fatal(err)
	}
	theirs := l.Says(l.ana, l.papers, "hers")
	edit := func(id, text string) error { _, err := l.s.ChannelMessageEdit(l.papers.ID, id, text); return err }
	_, inside := l.s.MessageThreadStart(l.papers.ID, m.ID, "Papers", 7)
	for what, c := range map[string]struct {
		err  error
		want int
	}{
		"another's":     {edit(theirs.ID, "y"), 50005},
		"taking hers":   {l.s.ChannelMessageDelete(l.papers.ID, theirs.ID), 50013},
		"none":          {edit("7", "y"), 10008},
		"to nothing":    {edit(m.ID, " "), 50006},
		"too long":      {edit(m.ID, strings.Repeat("x", 2001)), 50035},
		"a week or so":  {inside, 50035},
		"reading twice": {func() error { _, err := l.s.ChannelMessages(l.papers.ID, 10, "1", "2", ""); return err }(), 50035},
	} {
		if code(c.err) != c.want {
			t.Error(what, c.err)
		}
	}
	now = now.Add(2 * time.Hour)
	for i := range 6 {
		err := edit(m.ID, fmt.Sprint(i))
		if limited := new(discordgo.RateLimitError); errors.As(err, &limited) != (i == 5) || err != nil && i < 5 {
			t.Error(i, err)
		}
	}
	now = now.Add(time.Hour)
	if err := edit(m.ID, "an hour on"); err != nil {
		t.Error(err)
	}
}

func TestAForumTakesPostsWithTags(t *testing.T) {
	l := open(t)
	f := l.guild.Forum("papers-forum", "LLM", "vision")
	l.Requires(f)
	if _, err := l.post(f, content("x")); code(err) != 40058 {
		t.Error(err)
	}
	text := "a paper"
	start := func(tags ...string) error {
		_, err := l.s.ForumThreadStartComplex(f.ID, &discordgo.ThreadStart{Name: "Diffusion", AutoArchiveDuration: 1440, AppliedTags: tags},
			&discordgo.MessageSend{Content: text})
		return err
	}
	if err := start(); code(err) != 40067 {
		t.Error(err)
	}
	if err := start("1"); code(err) != 50035 {
		t.Error("a tag of nowhere:", err)
	}
	ch, err := l.s.Channel(f.ID)
	if err != nil || len(ch.AvailableTags) != 2 {
		t.Fatal(ch, err)
	}
	for _, c := range []struct {
		text string
		want int
	}{{" ", 50006}, {strings.Repeat("x", 2001), 50035}, {"a paper", -1}} {
		text = c.text
		if err := start(ch.AvailableTags[1].ID); code(err) != c.want || c.want == 50035 && !strings.Contains(err.Error(), `"message":{"content"`) {
			t.Fatal(c.want, err)
		}
	}
	posts := l.Threads(f)
	if len(posts) != 1 || !slices.Equal(l.Tags(posts[0]), []string{"vision"}) || l.Posts(posts[0])[0].ID != posts[0].ID {
		t.Error(posts)
	}
	if a := l.Types(l.ana, f, "today", nil); a.Error == "" {
		t.Error("nobody can type in a forum's root")
	}
}

func TestANonceFindsTheEarlierMessageForSomeMinutes(t *testing.T) {
	now := time.Date(2024, 12, 10, 9, 0, 0, 0, time.UTC)
	l := open(t, fake.Options{Now: func() time.Time { return now }})
	other := l.guild.Channel("other")
	keyed := func(enforce bool) body {
		b := content("once")
		b["nonce"], b["enforce_nonce"] = "c1:2412.00001", enforce
		return b
	}
	l.FailNext(fake.CreateMessage, fake.ServerError(502).AfterStoring(), fake.Reset().AfterStoring())
	for i := range 4 {
		c := []*fake.Channel{l.papers, l.papers, l.papers, other}[i]
		if _, err := l.post(c, keyed(true)); (err != nil) != (i < 2) {
			t.Errorf("try %d: %v", i, err)
		}
	}
	if n := len(l.Posts(l.papers)) + len(l.Posts(other)); n != 1 || l.Counts().NonceHits != 3 {
		t.Errorf("%d messages, %+v", n, l.Counts())
	}
	l.post(other, keyed(false))
	now = now.Add(4 * time.Minute)
	l.post(l.papers, keyed(true))
	if len(l.Posts(other)) != 1 || len(l.Posts(l.papers)) != 2 {
		t.Error("a nonce holds only when enforced, and some minutes")
	}
	after, err := l.s.ChannelMessages(l.papers.ID, 10, "", l.Posts(l.papers)[0].ID, "")
	if err != nil || len(after) != 1 {
		t.Error(after, err)
	}
}

func TestAMessageNotifiesWhomItsContentNamesUnlessItMayNot(t *testing.T) {
	l := open(t)
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
		if _, err := l.post(l.papers, b); err != nil {
			t.Fatal(err)
		}
		posts := l.Posts(l.papers)
		if diff := cmp.Diff(c.want, posts[len(posts)-1].Notifies()); diff != "" {
			t.Error(diff)
		}
	}
	if n := l.Counts().NoMentions; n != 1 {
		t.Error(n)
	}
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

func TestCommandsKeepTheirLimitsAndAreCreatedOnce(t *testing.T) {
	l := open(t, fast)
	put := func(all ...*discordgo.ApplicationCommand) error {
		_, err := l.s.ApplicationCommandBulkOverwrite(fake.AppID, l.guild.ID, all)
		return err
	}
	sub := func(n int, desc string) (all []*discordgo.ApplicationCommandOption) {
		for i := range n {
			all = append(all, &discordgo.ApplicationCommandOption{Type: 1, Name: fmt.Sprint("s", i), Description: desc})
		}
		return all
	}
	l.Limits(fake.PutGuild, fake.Limit{N: 100, Per: time.Second})
	for name, bad := range map[string]*discordgo.ApplicationCommand{
		"upper case":  {Name: "Papers", Description: "d"},
		"a space":     {Name: "pa pers", Description: "d"},
		"undescribed": {Name: "papers"},
		"26 options":  {Name: "papers", Description: "d", Options: sub(26, "d")},
		"long":        {Name: "papers", Description: strings.Repeat("d", 101)},
		"required last": {Name: "papers", Description: "d", Options: []*discordgo.ApplicationCommandOption{
			{Type: 3, Name: "a", Description: "d"}, {Type: 3, Name: "b", Description: "d", Required: true}}},
		"nested": {Name: "papers", Description: "d", Options: []*discordgo.ApplicationCommandOption{
			{Type: 1, Name: "a", Description: "d", Options: sub(1, "d")}}},
		"an empty group": {Name: "papers", Description: "d", Options: []*discordgo.ApplicationCommandOption{{Type: 2, Name: "a", Description: "d"}}},
		"a group of options": {Name: "papers", Description: "d", Options: []*discordgo.ApplicationCommandOption{
			{Type: 2, Name: "a", Description: "d", Options: []*discordgo.ApplicationCommandOption{{Type: 3, Name: "b", Description: "d"}}}}},
		"a flag's choices": {Name: "papers", Description: "d", Options: []*discordgo.ApplicationCommandOption{
			{Type: 5, Name: "a", Description: "d", Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "c", Value: 1}}}}},
		"administrators": {Name: "papers", Description: "d", DefaultMemberPermissions: new(int64(-1))},
		"half a number": {Name: "papers", Description: "d", Options: []*discordgo.ApplicationCommandOption{
			{Type: 4, Name: "a", Description: "d", Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "c", Value: 0.5}}}}},
		"the same name twice": {Name: "papers", Description: "d", Options: append(sub(1, "d"), sub(1, "d")...)},
	} {
		if err := put(bad); code(err) != 50035 {
			t.Errorf("%s: %v", name, err)
		}
	}
	big := sub(25, strings.Repeat("d", 100))
	for _, o := range big {
		o.Options = []*discordgo.ApplicationCommandOption{{Type: 3, Name: "x", Description: strings.Repeat("d", 100)}, {Type: 3, Name: "y", Description: strings.Repeat("d", 100)}, {Type: 3, Name: "z", Description: strings.Repeat("d", 20)}}
	}
	if err := put(&discordgo.ApplicationCommand{Name: "papers", Description: "d", Options: big}); code(err) != 50035 {
		t.Error("8000 characters:", err)
	}
	for range 3 {
		if err := put(papers...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.s.Request("PUT", discordgo.EndpointApplicationGuildCommands(fake.AppID, l.guild.ID), body{}); code(err) != 50035 {
		t.Error("no list:", err)
	}
	if all, err := l.s.ApplicationCommands(fake.AppID, l.guild.ID); err != nil || len(all) != 2 || l.Counts().CommandsCreated != 2 {
		t.Errorf("%v %v, %d created", all, err, l.Counts().CommandsCreated)
	}
	for i := range 200 {
		if err := put(&discordgo.ApplicationCommand{Name: fmt.Sprint("c", i), Description: "d"}); (err != nil) != (i >= 198) {
			t.Fatal(i, err)
		}
	}
	if n := l.Counts().CommandsCreated; n != 200 {
		t.Errorf("%d created", n)
	}
}

func TestStrangersAreTurnedAway(t *testing.T) {
	l := open(t)
	get := func(path, token, agent string) int {
		r, _ := http.NewRequest("GET", l.API+path, nil)
		r.Header.Set("Authorization", token)
		r.Header.Set("User-Agent", agent)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	const agent = "DiscordBot (https://example.org, 1.0)"
	for _, c := range []struct {
		token, agent string
		want         int
	}{{"Bot " + fake.Token, agent, 200}, {"Bot wrong", agent, 401}, {"Bearer " + fake.Token, agent, 401}, {"Bot " + fake.Token, "Go-http-client/1.1", 403}} {
		if got := get("users/@me", c.token, c.agent); got != c.want {
			t.Error(c, got)
		}
	}
	l.RefusesToken()
	if get("users/@me", "Bot "+fake.Token, agent) != 401 || get("gateway", "", agent) != 200 || l.Counts().Invalid != 3 {
		t.Error(l.Counts())
	}
}
