package main

import (
	"path"
)

// Break is one deliberate mistake. Its promise stands in docs/promises.md, on
// the line that names it.
type Break struct {
	Name     string
	File     string // from the root; the tests of its package have to notice
	Old, New string // Old stands in File once
	Run      string // which tests, where all of them would take long
}

// pkg is the package of the file.
func (b Break) pkg() string { return "./" + path.Dir(b.File) }

var breaks = []Break{
	// Strangers' text.
	{"say-argument-as-markup", "core/say/say.go", "\t\t\tfmt.Fprintf(&b, format[verb:i+1], a)",
		"\t\t\tflush()\n\t\t\tt = append(t, Say(strings.ReplaceAll(fmt.Sprintf(format[verb:i+1], a), \"%\", \"%%\"))...)", ""},
	{"say-turns-direction", "core/say/plain.go", "r >= 0x202a && r <= 0x202e, ", "", ""},
	{"say-link-with-password", "core/say/plain.go", ` || u.User != nil`, ``, ""},
	{"say-link-to-script", "core/say/plain.go", `u.Scheme != "https" && u.Scheme != "http" || u.Host == ""`, `u.Scheme == ""`, ""},
	{"say-units", "core/say/plain.go", "\t\treturn 2\n", "\t\treturn 1\n", ""},
	{"slack-escape", "adapters/slack/blocks.go", `"&amp;", "<", "&lt;",`, `"&amp;",`, "TestMessages|TestStrangers|TestLinks|TestALong|TestACut"},
	{"slack-channel-heard", "adapters/slack/blocks.go", `, r == '@' && loudName.MatchString(s[i:]):`, `:`, "TestMessages|TestStrangers|TestLinks|TestALong|TestACut"},
	{"slack-verbatim", "adapters/slack/blocks.go", "Text: s, Verbatim: true}", "Text: s}", "TestMessages|TestStrangers|TestLinks|TestALong|TestACut"},
	{"discord-escape", "adapters/discord/message.go", "strings.ContainsRune(special, r) || ", "", "TestMessagesLook|TestAPaperHas|TestWhateverACard|TestStrangers"},
	{"discord-mentions", "adapters/discord/message.go", "Components: rows(c), Mentions: mentions{Parse: []string{}}}", `Components: rows(c), Mentions: mentions{Parse: []string{"everyone"}}}`, "TestMessagesLook|TestAPaperHas|TestWhateverACard|TestStrangers"},
	{"discord-five-in-a-row", "adapters/discord/message.go", "maxInRow       = 5", "maxInRow       = 4", "TestMessagesLook|TestAPaperHas|TestWhateverACard|TestStrangers"},
	{"discord-preview", "adapters/discord/message.go", `"](<"+u+">)"`, `"]("+u+")"`, "TestMessagesLook|TestAPaperHas|TestWhateverACard|TestStrangers"},
	{"feed-html", "sources/feed/feed.go", "hidden++", "hidden += 0", ""},

	// Words.
	{"text-accents", "core/text/text.go", "case !unicode.Is(diacritics, r):", "default:", ""},
	{"text-case", "core/text/text.go", "if 'A' <= c && c <= 'Z' {", "if 'B' <= c && c <= 'Z' {", ""},
	{"text-plural", "core/text/plural.go", "\t{\"sses\", \"ss\", 0},       // classes\n", "", ""},
	{"text-stem", "core/text/plural.go", "itself: news diabetes", "itself: diabetes", ""},
	{"text-names", "core/text/text.go", "each(s, func(w string, _, _ int) { out = append(out, w) })", "each(s, func(w string, _, _ int) { out = append(out, singular(w)) })", ""},
	{"text-tex", "core/text/text.go", `'"': '\u0308', `, ``, ""},
	{"text-version", "core/text/plural.go", "movies movie   ", "", "TestWordsChangeOnlyWithTheirVersion"},

	// The topic language.
	{"topic-whole-words", "core/topic/match.go", "if t.Prefix && (strings", "if (strings", ""},
	{"topic-next-to-each-other", "core/topic/match.go", "slices.Equal(words[i:i+len(t.Words)], t.Words)", "slices.Contains(words, t.Words[0]) && slices.Contains(words, t.Words[len(t.Words)-1])", ""},
	{"topic-star-after-plural", "core/topic/match.go", "if !t.Prefix || t.Field == Author {", "if t.Text != \"\" || t.Field == Author {", ""},
	{"topic-min-unknown", "core/topic/match.go", "d.Upvotes != nil && *d.Upvotes >= t.N", "d.Upvotes == nil || *d.Upvotes >= t.N", ""},
	{"topic-any-category", "core/topic/match.go", `t.Value == "*" || slices`, `slices`, ""},
	{"topic-words-12", "core/topic/topic.go", "MaxTerms = 12", "MaxTerms = 13", ""},
	{"topic-characters-200", "core/topic/topic.go", "MaxChars = 200", "MaxChars = 201", ""},
	{"topic-bent-quotes", "core/topic/parse.go", `case '“', '”', '„',`, `case '“', '„',`, ""},
	{"topic-long-dash", "core/topic/parse.go", `case '–', '—',`, `case '–',`, ""},
	{"topic-only-negative", "core/topic/parse.go", "case !slices.ContainsFunc(clause, func(t Term) bool { return !t.Not }):", "case clause == nil:", ""},
	{"topic-brackets", "core/topic/parse.go", "if _, err := Parse(form); err == nil {", "if _, err := Parse(form); err != nil {", ""},
	{"topic-scope-hugging-face", "core/topic/scope.go", "if !s.Strict && slices", "if s.Strict && slices", ""},
	{"topic-scope-unknown", "core/topic/scope.go", "if len(s.Patterns) == 0 || len(d.Categories) == 0 {", "if len(s.Patterns) == 0 {", ""},
	{"topic-scope-excluded", "core/topic/topic.go", "if term.Field == Cat && !term.Not {", "if term.Field == Cat {", ""},
	{"match-without", "core/match/match.go", "b.found = l.filter(b.found, false)", "b.found = l.filter(b.found, true)", "TestWho|TestEveryKind|TestAStar"},
	{"match-followers", "core/match/match.go", "kept[texts[i]] = slices.Clone(docs)", "kept[texts[i]] = docs", "TestWho|TestEveryKind|TestAStar"},
	{"match-unknown-category", "core/match/match.go", "b.facet(doc, facet{field: topic.Cat}) // which", "_ = doc // which", "TestWho|TestEveryKind|TestAStar"},
	{"match-star-after-plural", "core/match/list.go", `folded != "" {`, `folded == "-" {`, "TestWho|TestEveryKind|TestAStar"},

	// Order.
	{"rank-equals-by-id", "core/rank/rank.go", "cmp.Compare(cs[i].ID, cs[j].ID)", "cmp.Compare(i, j)", "TestWhat|TestTop|TestTheOrder|TestPapers|TestAWord|TestNotForUs"},
	{"rank-unknown-upvotes", "core/rank/rank.go", "unknown := medianUpvotes(cs)", "unknown := 0.0", "TestWhat|TestTop|TestTheOrder|TestPapers|TestAWord|TestNotForUs"},
	{"rank-author-first", "core/rank/rank.go", "if cs[i].Author != cs[j].Author {", "if false {", "TestWhat|TestTop|TestTheOrder|TestPapers|TestAWord|TestNotForUs"},
	{"rank-top-unknown", "core/rank/rank.go", "return 0.5", "return 0", "TestWhat|TestTop|TestTheOrder|TestPapers|TestAWord|TestNotForUs"},
	{"rank-top-newest", "core/rank/rank.go", "cmp.Compare(b.Day, a.Day)", "cmp.Compare(a.Day, b.Day)", "TestWhat|TestTop|TestTheOrder|TestPapers|TestAWord|TestNotForUs"},
	{"rank-taste", "core/rank/rank.go", "const tasteWeight = 8", "const tasteWeight = 1", "TestWhat|TestTop|TestTheOrder|TestPapers|TestAWord|TestNotForUs"},
	{"rank-title-hit", "core/rank/rank.go", "if c.TitleHit {", "if false {", "TestWhat|TestTop|TestTheOrder|TestPapers|TestAWord|TestNotForUs"},
	{"rank-near-duplicate", "core/rank/taste.go", "nearDuplicate = 0.3\n", "nearDuplicate = 0.9\n", "TestWhat|TestTop|TestTheOrder|TestPapers|TestAWord|TestNotForUs"},

	// Time.
	{"schedule-skipped-time", "core/schedule.go", "return other, true", "return t, true", "Next|Berlin"},
	{"schedule-time-twice", "core/schedule.go", "return first, true", "return t, true", "Next|Berlin"},
	{"schedule-ten-years", "core/schedule.go", "n > int(10*366*24*time.Hour/unit)", "n > int(11*366*24*time.Hour/unit)", "Span"},
	{"schedule-5pm", "core/schedule.go", "h += 12", "h += 11", "Schedule"},
	{"calendar-cutoff", "sources/arxiv/calendar.go", "time.Date(y, m, day, 14, 0, 0, 0, Eastern)", "time.Date(y, m, day, 15, 0, 0, 0, Eastern)", "TestTheCalendar"},
	{"calendar-holiday", "sources/arxiv/calendar.go", "nth == 4 && t.Weekday() == time.Thursday", "nth == 3 && t.Weekday() == time.Thursday", "TestTheCalendar"},

	// What people set, vote and paste.
	{"emoji-skin", "core/emoji.go", "case r >= 0x1F3FB && r <= 0x1F3FF, r == 0xFE0E, r == 0xFE0F:", "case r == 0xFE0E, r == 0xFE0F:", "Emoji"},
	{"emoji-down", "core/emoji.go", "return Down, true", "return Up, true", "Emoji"},
	{"settings-max-15", "core/settings.go", "number(&s.Max, 1, 15)", "number(&s.Max, 1, 16)", "Setting"},
	{"settings-max-0", "core/settings.go", "number(&s.Max, 1, 15)", "number(&s.Max, 0, 15)", "Setting"},
	{"settings-default-max", "core/channel.go", "Max:        5,", "Max:        6,", "NewChannel"},
	{"settings-default-scope", "core/channel.go", `"stat.ML", "eess.*"}`, `"stat.ML"}`, "NewChannel"},
	{"settings-default-not-for-us", "core/channel.go", "NotForUsAt: 2,", "NotForUsAt: 1,", "NewChannel"},
	{"settings-default-votes", "core/channel.go", `"🔥", "⬆️"}`, `"🔥"}`, "NewChannel"},
	{"settings-vote-with-meaning", "core/settings.go", `case f == "👎" || f == "🔖":`, `case f == "👎":`, "Setting"},
	{"configfile-twice", "core/chat/configfile.go", "if seen[key] {", "if false {", "Configuration"},

	// Papers.
	{"paper-silence", "core/paper.go", "m.Abstract = cmp.Or(news.Abstract, old.Abstract)", "m.Abstract = news.Abstract", "Merg"},
	{"paper-older-version", "core/paper.go", `if news.Version >= old.Version || old.Abstract == "" {`, `if true {`, "Merg"},
	{"paper-unknown-is-not-zero", "core/paper.go", "if news.Upvotes != nil {", "if true {", "Merg"},
	{"paperid-digits", "core/paperid.go", "digits = 5", "digits = 4", "PaperID"},
	{"store-backlog", "store/papers.go", "WHERE p.changed > $1 AND p.backlog = 0", "WHERE p.changed > $1", "TestSQLite/papers"},
	{"store-change-number", "store/papers.go", "if worded || p.Version != old.Version", "if p.Version != old.Version", "TestSQLite/papers"},
	{"store-same-twice", "store/papers.go", "if !sighted && samePaper(&old, &p) {", "if !sighted && false {", "TestSQLite/papers"},
	{"store-new-version", "store/papers.go", "newer := old.Version > 0 && p.Version > old.Version ||", "newer := old.Version > 0 && p.Version >= old.Version ||", "TestSQLite/papers"},
	{"store-old-words", "store/papers.go", "`DELETE FROM words WHERE rowid = $1`, p.Seq)", "`DELETE FROM words WHERE rowid = $1`, -p.Seq)", "TestSQLite/search"},
	{"store-topic-since", "store/topics.go", "$5, n, 0 FROM counter", "$5, 0, 0 FROM counter", "TestSQLite/topics"},
	{"store-topic-number", "store/topics.go", "FROM topics WHERE channel = $1), $2", "FROM topics WHERE channel = $1 AND removed = 0), $2", "TestSQLite/topics"},

	// Votes.
	{"store-vote-per-person", "store/votes.go", "count(DISTINCT CASE kind WHEN 'up' THEN person END)", "count(CASE kind WHEN 'up' THEN person END)", "TestSQLite/votes"},
	{"store-vote-order", "store/votes.go", " || err == nil && r.Order < old.ord {", " {", "TestSQLite/votes"},
	{"store-button-vote", "store/votes.go", "if _, counts := kind(m.emoji); !counts {", "if false {", "TestSQLite/votes"},
	{"store-vote-given-then", "store/votes.go", "m.at = old.at // the vote was given then", "_ = old.at", "TestSQLite/votes"},
	{"store-event-day", "store/votes.go", "now.Add(-24*time.Hour)", "now.Add(-23*time.Hour)", "TestSQLite/votes"},
	{"store-forget-person", "store/votes.go", "`DELETE FROM reactions WHERE person = $1`,", "", "TestSQLite/votes"},

	// The ledger.
	{"ledger-fence", "store/queue.go", "WHERE channel = $1 AND owner = $2 AND attempt = $3`, c.Channel.ID", "WHERE channel = $1 AND owner = $2 AND $3 = $3`, c.Channel.ID", "TestSQLite/outcomes"},
	{"ledger-attempt-grows", "store/queue.go", "SET attempt = attempt + 1, next_send = 0", "SET attempt = 1, next_send = 0", "TestSQLite/queue"},
	{"ledger-doubt", "store/queue.go", "m.Doubt = m.State == core.Sending", "m.Doubt = false", "TestSQLite/outcomes"},
	{"ledger-begun", "store/queue.go", "if !m.Doubt {\n\t\t\tm.Begun = now", "if true {\n\t\t\tm.Begun = now", "TestSQLite/outcomes"},
	{"ledger-doubt-stays", "store/queue.go", "\tif doubt {\n\t\treturn core.Sending\n\t}\n", "", "TestSQLite/outcomes"},
	{"ledger-uncertain-thread", "store/queue.go", "case header.State == core.Uncertain && m.Place == core.InThread:", "case header.State == core.Uncertain && m.Place == \"\":", "TestSQLite/outcomes"},
	{"ledger-header-first", "store/queue.go", "return nil // the header goes first", "_ = header // the header goes first", "TestSQLite/outcomes"},
	{"ledger-hold-since", "store/queue.go", "h.Since, h.Told = ch.Hold.Since, ch.Hold.Told", "h.Told = ch.Hold.Told", "TestSQLite/outcomes"},
	{"ledger-edit-overtaken", "store/edits.go", "CASE WHEN revision = $3 THEN 0 ELSE edit_at END", "CASE WHEN revision >= $3 THEN 0 ELSE edit_at END", "TestSQLite/edits"},
	{"ledger-held-not-edited", "store/edits.go", "if d.hold.Since.IsZero() && (serves", "if (serves", "TestSQLite/edits"},
	{"ledger-reread-again", "store/edits.go", "WHERE id = $1 AND reread <= $2`", "WHERE id = $1 AND $2 = $2`", "TestSQLite/rereads"},
	{"ledger-second-process", "store/owners.go", "\t\tif !ok {\n\t\t\treturn s.taken(ctx)\n\t\t}\n", "\t\t_ = ok\n", "TestASecond"},
	{"ledger-restart", "store/owners.go", "\t\t\tif err := t.bury(`true`); err != nil {", "\t\t\tif err := t.bury(`false`); err != nil {", "TestAfterARestart"},
	{"ledger-clock", "store/queue.go", "if c.LastDue.After(now.Add(clockSlack)) {", "if c.LastDue.IsZero() {", "TestSQLite/queue"},

	// The file.
	{"store-mode", "store/store.go", "os.O_CREATE|os.O_RDWR, 0o600)", "os.O_CREATE|os.O_RDWR, 0o644)", "TestAFileMay"},
	{"store-backup-mode", "store/store.go", "os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)", "os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)", "Kept|Opened|Copy|Schema"},
	{"store-backup-exists", "store/store.go", "os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)", "os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)", "Kept|Opened|Copy|Schema"},
	{"store-copy-before", "store/store.go", "case have > 0:", "case have > 1000:", "Schema|Migrat"},
	{"store-newer-schema", "store/store.go", "case have > want:", "case have < 0:", "Schema|Migrat|Opened"},
	{"store-reading-waits", "store/dialect.go", "_journal_mode=WAL", "_journal_mode=DELETE", "Neither"},
	{"store-doubt-at-once", "store/owners.go", "AND next_send > 1 AND", "AND next_send < 0 AND", "TestAfterARestart"},
	{"store-lock-name", "store/owners.go", "filepath.EvalSymlinks(s.path)", "filepath.Abs(s.path)", "TestAStoreUnder"},
	{"store-full", "store/store.go", "if full(err) {", "if false {", "FullDisk"},
	{"store-index-rules", "store/index.go", "err != nil || made == rules {\n\t\treturn err\n\t}\n\tpapers", "err != nil || made != \"\" {\n\t\treturn err\n\t}\n\tpapers", "Index|Rules"},

	// Politeness.
	{"polite-one-at-a-time", "internal/polite/ratelimiter.go", "p.turn = make(chan struct{}, 1)", "p.turn = make(chan struct{}, 2)", ""},
	{"polite-all-processes", "internal/polite/ratelimiter.go", "if line == mine.String() {", "if true {", ""},
	{"polite-settle", "internal/polite/ratelimiter.go", "const settle = 100 * time.Millisecond", "const settle = time.Millisecond", ""},
	{"polite-after-the-end", "internal/polite/ratelimiter.go", "mine.at, mine.open = p.last, false", "mine.open = false", ""},
	{"polite-crashed", "internal/polite/ratelimiter.go", "theirs.open && theirs.owner != p.owner && left > 0", "false && left > 0", ""},
	{"polite-left-alone", "internal/polite/ratelimiter.go", "if wait := time.Until(p.until); wait > 0 {", "if wait := time.Until(p.until); wait > time.Hour {", ""},
	{"polite-agent", "internal/polite/polite.go", `req.Header.Set("User-Agent", c.Agent)`, `_ = c.Agent`, ""},
	{"polite-contact", "internal/polite/polite.go", `" (+" + contact + ")"`, `""`, ""},
	{"polite-timeout-30s", "internal/polite/polite.go", "Timeout = 30 * time.Second", "Timeout = 60 * time.Second", ""},
	{"polite-32mb", "internal/polite/polite.go", "MaxBody = 32 << 20", "MaxBody = 33 << 20", ""},
	{"polite-no-downgrade", "internal/polite/polite.go", `if via[0].URL.Scheme == "https" && `, `if via[0].URL.Scheme == "ftp" && `, ""},
	{"polite-retry-after-date", "internal/polite/polite.go", "wait = t.Sub(now)", "wait = t.Sub(t)", ""},
	{"polite-forbidden-a-day", "internal/polite/polite.go", "const blocked = 24 * time.Hour", "const blocked = time.Hour", ""},
	{"polite-longest-wait", "internal/polite/polite.go", "const longestWait = 24 * time.Hour", "const longestWait = 48 * time.Hour", ""},
	{"polite-unchanged", "internal/polite/polite.go", `req.Header.Set("If-None-Match", have.etag)`, `_ = have.etag`, ""},
	{"source-back-off", "core/feed/judge.go", "min(2*prev.RetryAt.Sub(prev.LastTry), lastBackOff)", "min(prev.RetryAt.Sub(prev.LastTry), lastBackOff)", "TestHowASourceIsJudged"},
	{"source-back-off-hour", "core/feed/judge.go", "lastBackOff  = time.Hour", "lastBackOff  = 2 * time.Hour", "TestHowASourceIsJudged"},
	{"source-retry-after", "core/feed/judge.go", "if e != nil && e.Wait > 0 {", "if false {", "TestHowASourceIsJudged"},
	{"source-long-gap", "core/feed/judge.go", "longGap = 24 * time.Hour", "longGap = 48 * time.Hour", "TestHowASourceIsJudged"},

	// Sources.
	{"arxiv-known-batch", "sources/arxiv/arxiv.go", "if known[id] == \"\" {\n\t\t\tknown[id] = day", "if true {\n\t\t\tknown[id] = day", ""},
	{"arxiv-replaced", "sources/arxiv/arxiv.go", `return s.Sighting.Announce == "new" || s.Sighting.Announce == "cross"`, `return s.Sighting.Announce != ""`, ""},
	{"arxiv-empty-page", "sources/arxiv/arxiv.go", "emptyTries = 3 ", "emptyTries = 1 ", ""},
	{"arxiv-half-a-feed", "sources/arxiv/arxiv.go", "\treturn b, feedErr\n", "\treturn core.Batch{}, feedErr\n", ""},
	{"arxiv-lookup-100", "sources/arxiv/arxiv.go", "const perRequest = 100", "const perRequest = 1000", ""},
	{"arxiv-web-page", "sources/arxiv/parse.go", `case strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html"):`, `case strings.HasPrefix(head, "<html"):`, ""},
	{"arxiv-withdrawn-in-doubt", "sources/arxiv/parse.go", "at != nil && at[0] == 0", "at != nil", ""},
	{"hf-again-4", "sources/huggingface/huggingface.go", "again    = 4 ", "again    = 3 ", "TestOdd|TestWhatIsNo|TestADay|TestWhenA"},
	{"hf-unknown-upvotes", "sources/huggingface/huggingface.go", "if c.n == nil || *c.n < 0 {", "if c.n == nil {", "TestOdd|TestWhatIsNo|TestADay|TestWhenA"},
	{"hf-neighbours", "sources/huggingface/huggingface.go", "problems = append(problems, core.Problem{Where: where, Err: entryErr})", "_ = where\n\t\t\t\treturn list, problems, entryErr", "TestOdd|TestWhatIsNo|TestADay|TestWhenA"},
	{"hf-no-list", "sources/huggingface/huggingface.go", "case body[0] == '{':", "case body[0] == '{' && len(body) < 2:", "TestOdd|TestWhatIsNo|TestADay|TestWhenA"},
	{"hf-complete", "sources/huggingface/huggingface.go", "2*time.Hour + 30*time.Minute", "1*time.Hour + 30*time.Minute", "TestOdd|TestWhatIsNo|TestADay|TestWhenA"},
	{"feed-future", "sources/feed/feed.go", "day = min(core.DateOf(at.UTC()), today)", "day = core.DateOf(at.UTC())", ""},
	{"feed-arxiv-id", "sources/feed/feed.go", `ok && p.ID == "" {`, `ok && p.ID != "" {`, ""},

	// Configuration.
	{"config-unknown-key", "internal/config/load.go", "\t\tl.unknown(at(first), keys, \"key\")\n", "", ""},
	{"config-loopback", "internal/config/check.go", `case (u.Scheme == "http" || u.Scheme == "ws") && isLoopback(s):`, `case u.Scheme == "http" || u.Scheme == "ws":`, ""},
	{"config-interval-5m", "internal/config/check.go", "leastInterval      = 5 * time.Minute", "leastInterval      = 4 * time.Minute", ""},
	{"config-interval-1s", "internal/config/check.go", "leastLocalInterval = time.Second", "leastLocalInterval = time.Second / 2", ""},
	{"config-interval-feeds", "internal/config/check.go", "urls = append(urls, f.URL)", "_ = f.URL", ""},
	{"config-clock", "internal/config/check.go", "case !l.sourcesLocal(c) || !isLoopback(c.Slack.APIURL) || !isLoopback(c.Discord.APIURL):", "case !l.sourcesLocal(c):", ""},
	{"config-max", "internal/config/check.go", "c.Digest.Max > 15", "c.Digest.Max > 16", ""},
	{"config-secret-printed", "internal/config/config.go", "\treturn hidden\n}\n\n// String is \"[secret]\"", "\treturn string(s)\n}\n\n// String is \"[secret]\"", ""},
	{"config-secret-in-json", "internal/config/config.go", "func (s Secret) MarshalText() ([]byte, error) { return []byte(s.show()), nil }", "func (s Secret) MarshalText() ([]byte, error) { return []byte(s), nil }", ""},
	{"config-password-in-address", "internal/config/config.go", "return u.Redacted()", "return u.String()", ""},

	// What people ask for.
	{"chat-topics-50", "core/chat/follow.go", "const maxTopics = 50", "const maxTopics = 51", ""},
	{"chat-undo-10m", "core/chat/follow.go", "const undoTime = 10 * time.Minute", "const undoTime = 11 * time.Minute", ""},
	{"chat-preview-30", "core/chat/follow.go", "const previewDays = 30", "const previewDays = 31", ""},
	{"chat-min-every-clause", "core/chat/follow.go", "for i := range clauses {\n\t\tclauses[i] += \" min:\"", "for i := range clauses[:1] {\n\t\tclauses[i] += \" min:\"", ""},
	{"chat-mutes-of-one", "core/chat/follow.go", "if c.aloud { // what somebody", "if false { // what somebody", ""},
	{"chat-mute-7d", "core/chat/mute.go", "7*24*time.Hour)", "8*24*time.Hour)", ""},
	{"chat-request-twice", "core/chat/chat.go", "case seen:", "case seen && id == \"\":", ""},
	{"chat-editors", "core/chat/chat.go", "if c.verb.Who == ForEditor {", "if c.verb.Who == \"nobody\" {", ""},
	{"chat-personal-aloud", "core/chat/chat.go", " && c.verb.Who == Anyone && !c.own {", " && c.verb.Who == Anyone {", ""},
	{"chat-failed-aloud", "core/chat/chat.go", "if c.aloud && !reply.Failed && ", "if c.aloud && ", ""},
	{"chat-held-told-once", "core/chat/chat.go", "ch.Hold.Told = ch.Hold.Told || tell", "_ = tell", ""},
	{"chat-held-tried-at-once", "core/chat/chat.go", "ch.Hold.NextTry = c.now\n", "", ""},
	{"chat-reference", "core/chat/chat.go", "\"ref\", ref, \"verb\"", "\"verb\"", ""},
	{"chat-button-about-nothing", "core/chat/press.go", "if !ok || !known || len(args) == 0 {", "if !ok || !known {", ""},
	{"cards-old-button", "core/cards/cards.go", "if len(parts) < 2 || parts[0] != version {", "if len(parts) < 2 {", ""},
	{"chat-home-private", "core/chat/join.go", "== in && !ch.Private && len", "== in && len", ""},
	{"chat-home-workspace", "core/chat/join.go", "if ch.Key.Installation() == in && !ch.Private", "if !ch.Private", ""},
	{"chat-links-off", "core/chat/join.go", "if err != nil || !ch.Settings.Links {", "if err != nil || ch.ID == 0 {", ""},
	{"query-top-in-time", "core/query/query.go", "tally, err := r.Store.Tally(ctx, ch.ID, ids, start)", "tally, err := r.Store.Tally(ctx, ch.ID, ids, time.Time{})", ""},
	{"query-scope", "core/query/match.go", "|| !hasCat && !ch.Settings.Scope.Admits(m.Docs[d]) {", "|| hasCat && false {", ""},
	{"query-muted-paper", "core/query/match.go", "return h.papers[id] || slices", "return slices", ""},
	{"query-taste-90", "core/query/match.go", "const tasteDays = 90", "const tasteDays = 91", ""},
	{"query-taste-majority", "core/query/match.go", "case t.Up > t.Down:", "case t.Up > 0:", ""},
	{"query-nearest-5", "core/query/query.go", "nearest        = 5", "nearest        = 6", ""},
	{"query-corpus-a-day", "core/query/query.go", "corpusAge    = 24 * time.Hour", "corpusAge    = 25 * time.Hour", ""},
	{"cards-updated", "core/cards/cards.go", "p.Version > max(d.Shown, 1)", "p.Version >= max(d.Shown, 1)", ""},
	{"cards-withdrawn", "core/cards/cards.go", "\t\tv.Struck = true\n", "", ""},
	{"cards-excerpt-280", "core/cards/cards.go", "const excerptLength = 280", "const excerptLength = 281", ""},
	{"cards-folded", "core/cards/cards.go", "v.Folded = d.Folded", "v.Folded = false", ""},
	{"cards-long-button", "core/cards/cards.go", "if limits.ButtonID > 0 && len(b.ID) > limits.ButtonID {", "if limits.ButtonID > 0 && len(b.ID) > limits.ButtonID+1 {", ""},
	{"cite-formula", "core/cite/cite.go", `"=+-@\t\r"`, `"=+-\t\r"`, ""},
	{"cite-keys", "core/cite/cite.go", "for n := 0; used[key]; n++ {", "for n := 0; used[key] && n < 2; n++ {", ""},

	// Papers come in.
	{"feed-first-is-backlog", "core/feed/feed.go", "batch, first(s, now), now)", "batch, false, now)", "TestTheFirst"},
	{"feed-retry-at", "core/feed/feed.go", "return !now.Before(s.RetryAt)", "return true", "TestWhoAsks"},
	{"feed-gap-31", "core/feed/feed.go", "longestGap    = 31 ", "longestGap    = 30 ", "TestAMonth"},
	{"feed-backfill-is-backlog", "core/feed/feed.go", "batch, true, f.Now())", "batch, false, f.Now())", "TestABackfill"},
	{"feed-clock", "core/feed/feed.go", "if now.Before(f.NotBefore) {\n\t\treturn core.Put{}, f.judge", "if now.IsZero() {\n\t\treturn core.Put{}, f.judge", "TestAClock"},
	{"feed-replacement", "core/feed/feed.go", "return isReplacement(s) && !known[s.Paper.ID] })", "return isReplacement(s) && len(known) > 99 })", "TestTheFirst|TestAReplacement|TestAnswers|TestAStale"},
	{"feed-looked-up-once-a-day", "core/feed/feed.go", "f.looked[id] = today\n", "_ = id\n", "TestCategories"},
	{"feed-left-alone", "core/feed/feed.go", "return !leaveAlone(s, now) })", "return true })", "TestWhoAsks"},
	{"feed-hanging", "core/feed/feed.go", "sourceTimeout = time.Minute  ", "sourceTimeout = 2 * time.Minute  ", "TestASourceGets"},

	// Slack.
	{"slack-links-do-not-unfold", "adapters/slack/post.go", ", slack.MsgOptionDisableMediaUnfurl()}", "}", "TestWhatAMessageShows|TestTheDailyPost"},
	{"slack-metadata", "adapters/slack/post.go", "\tif key != \"\" {\n", "\tif key == \"-\" {\n", "TestTheAnswerIsLost|TestALook"},
	{"slack-edit-keeps-key", "adapters/slack/post.go", "options(p.Key, drawPost(p))", "options(\"\", drawPost(p))", "TestANewVersion|TestALook"},
	{"slack-own-reactions", "adapters/slack/post.go", "if u != s.self.user {", "if u != \"\" {", "TestOurOwn"},
	{"slack-a-second", "adapters/slack/client.go", "postEvery  = time.Second", "postEvery  = time.Second / 2", "TestTheDailyPost|TestTheOtherLayouts|TestToldToWait"},
	{"slack-second-429", "adapters/slack/client.go", "p.held[\"post\"] = until", "_ = until", "TestASecondChannel|TestToldToWait"},
	{"slack-perhaps-done", "adapters/slack/client.go", `"internal_error", "fatal_error", "request_timeout"}`, `"internal_error", "request_timeout"}`, "TestWhatAPostsError"},
	{"slack-not-invited", "adapters/slack/client.go", `answer.Err == "channel_not_found" && !s.isPrivate(channel)`, `answer.Err == "channel_not_found"`, "TestWhatAPostsError|TestAPrivate"},
	{"slack-secret-addresses", "adapters/slack/client.go", "clean = secretURL.ReplaceAllString(clean, \"${1}[secret]\")", "_ = secretURL", "TestSecrets|TestNothingSecret"},
	{"slack-secret-tokens", "adapters/slack/client.go", "clean = strings.ReplaceAll(clean, secret, \"[secret]\")", "_ = secret", "TestSecrets|TestNothingSecret"},
	{"slack-tier-3", "adapters/slack/client.go", "const tier3 = 48", "const tier3 = 60", "TestVotes|TestALook"},
	{"slack-signature", "adapters/slack/http.go", "return v.Ensure()", "v.Ensure()\n\treturn nil", "TestASignature"},

	// Signed requests.
	{"slack-replayed", "adapters/slack/http.go", "if kind != kindEvent && s.seen.Before", "if kind == kindEvent && s.seen.Before", "Signed"},

	// The playground.
	{"web-other-sites", "adapters/web/http.go", "sameOrigin.ServeHTTP(w, r)", "_ = sameOrigin\n\t\tmux.ServeHTTP(w, r)", "TestOther"},
	{"web-name-that-points-here", "adapters/web/http.go", "if local && !loopback(r.Host) {", "if !local && !loopback(r.Host) {", "TestOther"},
	{"web-policy", "adapters/web/http.go", `"default-src 'none'; script-src 'self';`, `"default-src *; script-src * 'unsafe-inline';`, "TestOther"},
	{"web-private", "adapters/web/room.go", `if m.seq > seq && (m.to == "" || m.to == user) {`, `if m.seq > seq {`, "TestPrivate"},
	{"web-private-button", "adapters/web/room.go", `m.channel != channel || m.to != "" && m.to != user {`, `m.channel != channel {`, "TestPrivate"},

	// The kit.
	{"kit-order", "adapters/kit/queue.go", "q.lanes[lane] = append(behind, do)", "q.lanes[lane] = append([]func(context.Context){do}, behind...)", ""},
	{"kit-panic", "adapters/kit/queue.go", "if r := recover(); r != nil {", "if r := any(nil); r != nil {", ""},
	{"kit-seen-hour", "adapters/kit/queue.go", "const seenTime = time.Hour", "const seenTime = 10 * time.Minute", ""},
	{"kit-places", "adapters/kit/queue.go", "const atWork = 64", "const atWork = 1", ""},
	{"kit-never-left", "adapters/kit/net.go", `[]string{"dial", "proxyconnect"}`, `[]string{"dial", "proxyconnect", "read"}`, ""},

	// The command line.
	{"bot-usage-2", "cmd/bot/main.go", "fmt.Fprintf(a.err, \"bot: %s\\n\", wrong)\n\t\treturn 2", "fmt.Fprintf(a.err, \"bot: %s\\n\", wrong)\n\t\treturn 1", "TestCommands"},
	{"bot-config-2", "cmd/bot/main.go", "fmt.Fprintf(a.err, \"bot: %v\\n\", e)\n\t\t}\n\t\treturn 2", "fmt.Fprintf(a.err, \"bot: %v\\n\", e)\n\t\t}\n\t\treturn 1", "TestCommands"},
	{"bot-failed-1", "cmd/bot/main.go", "fmt.Fprintf(a.err, \"bot: %v\\n\", err)\n\t}\n\treturn 1", "fmt.Fprintf(a.err, \"bot: %v\\n\", err)\n\t}\n\treturn 0", "TestCommands"},
	{"bot-results-to-stdout", "cmd/bot/search.go", "fmt.Fprintf(a.out, \"%s for %s%s%s\\n\"", "fmt.Fprintf(a.err, \"%s for %s%s%s\\n\"", "TestCommands"},
	{"bot-reading-makes-nothing", "cmd/bot/main.go", "if mustExist && !strings.Contains(url, \"://\") {", "if false {", "TestCommands"},
	{"bot-imported-is-old", "cmd/bot/import.go", "im.batch, true, im.now())", "im.batch, false, im.now())", "TestWhatIsImported"},
	{"bot-contact", "cmd/bot/sources.go", "polite.UserAgent(version(), a.config.Fetch.UserAgentContact)", "polite.UserAgent(version(), \"\")", "TestABackFill"},
	{"bot-minus-excludes", "cmd/bot/main.go", "out[j] = mask + a", "out[j] = a", "TestCommands"},
	{"bot-grace", "cmd/bot/run.go", "graceTime = 8 * time.Second", "graceTime = time.Second", "TestAStopWaits"},
	{"bot-early-stop", "cmd/bot/run.go", "&& a.ctx.Err() != nil {\n\t\ta.log.Warn", "&& a.ctx == nil {\n\t\ta.log.Warn", "TestAStopAtTheStart"},
	{"bot-no-token-2", "cmd/bot/run.go", "return usage(\"no platform has a token", "return fmt.Errorf(\"no platform has a token", "TestCommands"},
	{"bot-readyz", "cmd/bot/http.go", "if err := p.Ready(); err != nil {", "if err := p.Ready(); err != nil && len(platforms) == 1 {", "TestTheProbes"},
	{"bot-readyz-status", "cmd/bot/http.go", "w.WriteHeader(http.StatusServiceUnavailable)", "w.WriteHeader(http.StatusOK)", "TestTheProbes"},
	{"bot-init-mode", "cmd/bot/init.go", "os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)", "os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)", "TestCommands/init"},
	{"bot-init-overwrites", "cmd/bot/init.go", "if _, err := os.Lstat(a.file); err == nil {", "if os.Remove(a.file); a.file == \"\" {", "TestCommands/init"},
}
