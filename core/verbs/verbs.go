// Package verbs is the language of commands: what people can ask for, how a line
// or a form is read, and how a command is written for a platform.
//
//	verbs.go  the table: each verb, its options and examples
//	parse.go  a line, or options by name, into a Call
//	write.go  a command as people of a platform would type it
//
// In: a core.Request. Out: a Call, or a *core.UserError with the column and the
// way out. It knows nothing of what the verbs do; that is core/chat's.
//
// Promises: the table is the only place that names the verbs: help, parsing,
// completion, forms and Discord's subcommands follow from it. What is written with
// Typed is read back by Parse as what it was made from.
package verbs

import (
	"slices"
	"strings"

	"paperboy/core/text"
)

// Verb is one thing people can ask for.
type Verb struct {
	Name     string
	Aliases  []Alias
	Summary  string // for completion and help, ≤ 100 characters
	Who      Who
	Options  []Option
	Examples []string // three where the verb has options; without the command
	Rare     bool     // one of the group More where a command has room for few
	Word     bool     // papers are about it too: before anything but one of its choices it begins a search
}

// More is the group of the rare verbs on a network whose commands are a tree of at
// most 25 branches (Discord): `/papers more audit`. Where lines are typed there are
// no groups.
const More = "more"

// Alias is what people say for a verb. Papers are searched for by words, and these
// are words too: so each has what may stand behind it, and before anything else it
// is the beginning of a search.
type Alias struct {
	Word string
	Then Then
}

// Then is what may stand behind an alias.
type Then int

// The kinds.
const (
	Nothing  Then = iota // "topics", and not "topics in dialogue"
	OneThing             // "add lora", "add lora, gpt"; and not "add noise to images"
	OnePaper             // "missed 2509.24002", and not "missed modality"
	Anything             // "follow diffusion policy"
)

// Who may use a verb.
type Who string

// Kinds of people.
const (
	Anyone    Who = "anyone"
	ForEditor Who = "editor" // of the channel
	Self      Who = "self"   // about their own list
)

// Option is one argument of a verb, typed as name:value; the one with Rest may
// be typed bare.
type Option struct {
	Name     string
	Summary  string // ≤ 100 characters
	Kind     OptionKind
	Required bool
	Rest     bool     // takes all words that are not another option
	Choices  []string // of Choose: all there are; of String: suggestions
	Min, Max int      // of a Number
	Complete bool     // values are completed from the store
}

// OptionKind is the form of a value.
type OptionKind string

// The forms.
const (
	String OptionKind = "string"
	Number OptionKind = "number"
	YesNo  OptionKind = "yesno"
	Choose OptionKind = "choice"
	File   OptionKind = "file" // a text file's content; only where commands take files, never in a line
)

// Options that several verbs have.
var (
	optShare = Option{Name: "share", Summary: "yes: everybody in the channel sees the answer", Kind: YesNo}
	optSince = Option{Name: "since", Summary: "how far back: 7d, 2w or 2026-11-01", Kind: String, Choices: []string{"1d", "7d", "30d", "90d"}}
	optLimit = Option{Name: "limit", Summary: "how many papers", Kind: Number, Min: 1, Max: 10}
	optPaper = Option{Name: "paper", Summary: "an arXiv id or a link to the paper", Kind: String, Required: true, Rest: true, Complete: true}
	// Spans is how long something is hidden.
	Spans = Option{Name: "for", Summary: "how long: 1d, 7d, 30d or forever", Kind: String, Choices: []string{"1d", "7d", "30d", "forever"}}
)

// Table is all there is to ask for.
var Table = []Verb{
	{Name: "search", Summary: "papers now: words, \"phrases\", -exclude, author:, cat:", Who: Anyone,
		Options: []Option{
			{Name: "query", Summary: "words are ANDed, | is OR, -word excludes, \"exact phrase\", diffus*", Kind: String, Required: true, Rest: true, Complete: true},
			optSince, {Name: "sort", Summary: "the order", Kind: Choose, Choices: []string{"best", "new", "top"}}, optLimit, optShare},
		Examples: []string{"search diffusion -video since:7d", "search \"stable diffusion\" | lora", "search title:agent sort:top limit:10"}},
	{Name: "today", Aliases: []Alias{{"what is new", Nothing}, {"what's new", Nothing}, {"whats new", Nothing}, {"what is new today", Nothing}, {"what's new today", Nothing}, {"whats new today", Nothing}, {"anything new", Nothing}, {"any news", Nothing}, {"new", Nothing}}, Summary: "today's papers for this channel, posted or not", Who: Anyone,
		Options:  []Option{{Name: "date", Summary: "another day: 2026-11-20 or yesterday", Kind: String, Rest: true}, optShare},
		Examples: []string{"today", "today yesterday", "today 2026-11-20 share:yes"}},
	{Name: "top", Summary: "what this channel voted for", Who: Anyone,
		Options:  []Option{optSince, {Name: "topic", Summary: "only papers of this topic", Kind: String, Rest: true, Complete: true}, optLimit, optShare},
		Examples: []string{"top since:7d", "top since:30d lora", "top since:7d share:yes"}},
	{Name: "show", Summary: "one paper", Who: Anyone,
		Options:  []Option{optPaper, optShare},
		Examples: []string{"show 2509.24002", "show https://arxiv.org/abs/2509.24002", "show 2509.24002 share:yes"}},
	{Name: "similar", Summary: "the nearest papers by words and meaning", Who: Anyone,
		Options:  []Option{optPaper, {Name: "sort", Summary: "the order", Kind: Choose, Choices: []string{"best", "new"}}, optShare},
		Examples: []string{"similar 2509.24002", "similar 2509.24002 sort:new", "similar https://huggingface.co/papers/2509.24002"}},
	{Name: "why", Aliases: []Alias{{"missed", OnePaper}}, Summary: "what matched a paper, or where it fell out and what would bring its like", Who: Anyone,
		Options:  []Option{optPaper},
		Examples: []string{"why 2509.24002", "why arxiv.org/abs/2509.24002", "why 2604.07429"}},
	{Name: "subscribe", Aliases: []Alias{{"follow", Anything}, {"add", OneThing}}, Summary: "follow topics in this channel", Who: ForEditor,
		Options: []Option{
			{Name: "topic", Summary: "what to follow; several with commas", Kind: String, Required: true, Rest: true, Complete: true},
			{Name: "min", Summary: "only papers with so many upvotes on Hugging Face", Kind: Number, Min: 0, Max: 10000}},
		Examples: []string{"subscribe diffusion -\"stable diffusion\"", "subscribe lora, author:\"Jane Doe\"", "subscribe like:2509.24002 cat:cs.CV"}},
	{Name: "unsubscribe", Aliases: []Alias{{"unfollow", Anything}, {"stop following", Anything}, {"remove", OneThing}, {"delete", OneThing}, {"stop", OneThing}}, Summary: "stop following a topic", Who: ForEditor,
		Options:  []Option{{Name: "topic", Summary: "its number or its words", Kind: String, Required: true, Rest: true, Complete: true}},
		Examples: []string{"unsubscribe 3", "unsubscribe #3", "unsubscribe lora"}},
	{Name: "list", Aliases: []Alias{{"topics", Nothing}, {"subscriptions", Nothing}}, Summary: "the topics of this channel", Who: Anyone,
		Examples: []string{"list"}},
	{Name: "preview", Summary: "see what a topic would bring; nothing is posted", Who: Anyone,
		Options: []Option{
			{Name: "topic", Summary: "the topic to try", Kind: String, Required: true, Rest: true, Complete: true},
			{Name: "days", Summary: "how many days to look back", Kind: Number, Min: 1, Max: 90}},
		Examples: []string{"preview lora", "preview like:\"video of people\"", "preview lora days:90"}},
	{Name: "mute", Summary: "hide a topic, word, author or paper for a while", Who: Anyone,
		Options:  []Option{{Name: "what", Summary: "a topic, author:\"…\", cat:… or a paper's id", Kind: String, Required: true, Rest: true, Complete: true}, Spans},
		Examples: []string{"mute survey for:14d", "mute author:\"Jane Doe\" for:30d", "mute 2509.24002"}},
	{Name: "unmute", Summary: "show it again", Who: Anyone,
		Options:  []Option{{Name: "what", Summary: "what was muted", Kind: String, Required: true, Rest: true, Complete: true}},
		Examples: []string{"unmute survey", "unmute author:\"Jane Doe\"", "unmute 2509.24002"}},
	{Name: "schedule", Summary: "when this channel gets its post", Who: ForEditor,
		Options: []Option{
			{Name: "time", Summary: "09:00", Kind: String, Rest: true},
			{Name: "zone", Summary: "Europe/Berlin", Kind: String, Complete: true},
			{Name: "days", Summary: "weekdays, daily or weekly:mon", Kind: String, Choices: []string{"weekdays", "daily", "weekly:mon"}}},
		Examples: []string{"schedule 09:00 Europe/Berlin weekdays", "schedule 17:30 daily", "schedule 09:00 Asia/Tokyo weekly:mon"}},
	{Name: "settings", Summary: "how this channel's post looks; shows all when empty", Who: Anyone,
		Options: []Option{
			{Name: "max", Summary: "papers in a post", Kind: Number, Min: 1, Max: 15},
			{Name: "layout", Summary: "the form of the post", Kind: Choose, Choices: []string{"channel", "thread", "cards", "digest", "forum"}},
			{Name: "min", Summary: "upvotes on Hugging Face that a paper needs", Kind: Number, Min: 0, Max: 10000},
			{Name: "quiet", Summary: "days without papers: silent, or a note", Kind: Choose, Choices: []string{"silent", "note"}},
			{Name: "scope", Summary: "categories: cs.*,stat.ML · all · strict", Kind: String},
			{Name: "editors", Summary: "who may change topics: members, managers or @role", Kind: String, Choices: []string{"members", "managers"}},
			{Name: "seed", Summary: "the bot adds the first 👍", Kind: YesNo},
			{Name: "weekly", Summary: "the best of the week on Mondays", Kind: YesNo},
			{Name: "links", Summary: "pasted links unfold", Kind: YesNo},
			{Name: "notforus", Summary: "how many 👎 fold a paper", Kind: Number, Min: 1, Max: 100},
			{Name: "votes", Summary: "emoji that count as a vote", Kind: String},
			{Name: "excerpt", Summary: "of an abstract: nothing, the line that says what was done, or all of it", Kind: Choose, Choices: []string{"none", "line", "full"}},
			{Name: "summary", Summary: "whose sentence: the authors', or Hugging Face's summary", Kind: Choose, Choices: []string{"authors", "hf"}},
			{Name: "discover", Summary: "papers a day that no topic brings, to this channel's taste", Kind: Number, Min: 0, Max: 5}},
		Examples: []string{"settings", "settings max:5 layout:thread", "settings scope:cs.*,stat.ML quiet:note"}},
	{Name: "pause", Summary: "no posts for a while", Who: ForEditor,
		Options:  []Option{{Name: "for", Summary: "how long: 7d, 2w; empty: until resume", Kind: String, Rest: true, Choices: []string{"1d", "7d", "30d"}}},
		Examples: []string{"pause 14d", "pause", "pause 1d"}},
	{Name: "resume", Summary: "post again; offers what was missed in one catch-up", Who: ForEditor,
		Examples: []string{"resume"}},
	{Name: "save", Summary: "put a paper on my list", Who: Self,
		Options:  []Option{optPaper, {Name: "note", Summary: "a word to myself", Kind: String}},
		Examples: []string{"save 2509.24002", "save 2509.24002 note:\"for Friday\"", "save https://arxiv.org/abs/2509.24002"}},
	{Name: "saved", Aliases: []Alias{{"my list", Nothing}, {"bookmarks", Nothing}}, Summary: "my list", Who: Self,
		Options:  []Option{{Name: "query", Summary: "only papers that match", Kind: String, Rest: true}, optSince},
		Examples: []string{"saved", "saved since:30d", "saved diffusion"}},
	{Name: "export", Summary: "take papers away as a file", Who: Self,
		Options: []Option{
			{Name: "format", Summary: "the form of the file", Kind: Choose, Required: true, Rest: true, Choices: []string{"bibtex", "ris", "csl", "markdown", "csv", "json", "config"}},
			{Name: "what", Summary: "which papers", Kind: Choose, Choices: []string{"saved", "posted", "top", "club"}}, optSince},
		Examples: []string{"export bibtex since:7d", "export csv what:posted since:30d", "export config"}},
	{Name: "status", Summary: "is it quiet or is something broken?", Who: Anyone,
		Examples: []string{"status"}},
	{Name: "club", Summary: "a journal club: a weekly vote on what to read, without an organiser", Who: Anyone, Rare: true,
		Options: []Option{{Name: "what", Summary: "weekly thu 16:00, nominate ID, list, calendar, rota @ana @ben, or off", Kind: String, Rest: true,
			Choices: []string{"weekly thu 16:00", "nominate ", "list", "calendar", "rota ", "off"}}},
		Examples: []string{"club weekly thu 16:00", "club nominate 2509.24002", "club rota @ana @ben"}},
	{Name: "stats", Summary: "this channel in numbers: posts, votes, and what each topic brought", Who: Anyone, Rare: true,
		Options:  []Option{{Name: "since", Summary: optSince.Summary, Kind: String, Rest: true, Choices: optSince.Choices}, optShare},
		Examples: []string{"stats", "stats since:90d", "stats 7d share:yes"}},
	{Name: "taste", Summary: "what this channel likes, in words; more, less or forget one", Who: Anyone, Rare: true,
		Options:  []Option{{Name: "change", Summary: "more WORD, less WORD, forget WORD or forget all", Kind: String, Rest: true}},
		Examples: []string{"taste", "taste more robotics", "taste forget all"}},
	{Name: "learn", Summary: "topics from papers that you give: ids, BibTeX, RIS or a paragraph", Who: Anyone, Rare: true,
		Options: []Option{{Name: "papers", Summary: "ids or links, a .bib or .ris file's text, or a paragraph", Kind: String, Rest: true},
			{Name: "file", Summary: "or the .bib or .ris file itself", Kind: File}},
		Examples: []string{"learn 2509.24002 2510.04618", "learn https://arxiv.org/abs/2509.24002", "learn we train robots to grasp with diffusion policies"}},
	{Name: "audit", Summary: "where every paper of a day went: posted, or why not", Who: Anyone, Rare: true,
		Options: []Option{{Name: "date", Summary: "the day: 2026-11-20 or yesterday", Kind: String, Rest: true, Choices: []string{"today", "yesterday"}},
			{Name: "only", Summary: "the papers with one reason", Kind: Choose, Choices: []string{"posted", "earlier", "coming", "taste", "uncertain", "size", "muted", "paused", "refused", "min", "excluded", "scope", "topic", "before", "since", "repeated"}}, optShare},
		Examples: []string{"audit", "audit yesterday", "audit 2026-11-20 only:topic"}},
	{Name: "repost", Summary: "post a paper again whose new version is a new paper", Who: ForEditor, Rare: true,
		Options:  []Option{optPaper},
		Examples: []string{"repost 2509.24002", "repost arxiv.org/abs/2509.24002", "repost https://huggingface.co/papers/2509.24002"}},
	{Name: "link", Summary: "the address of this channel's page, for people who are not here", Who: ForEditor, Rare: true, Word: true,
		Options: []Option{{Name: "change", Summary: "new: another, the old one ends; off: none; me: sign in as yourself; assistant: a key for programs", Kind: Choose, Rest: true,
			Choices: []string{"new", "off", "me", "assistant", "assistant new", "assistant off"}}},
		Examples: []string{"link", "link me", "link assistant"}},
	{Name: "mail", Summary: "this channel's papers by mail, at your hour", Who: Self, Rare: true,
		Options: []Option{
			{Name: "address", Summary: "where to: me@example.org; it is asked first whether it wants them", Kind: String, Required: true, Rest: true},
			{Name: "time", Summary: "09:00", Kind: String},
			{Name: "zone", Summary: "Europe/Berlin", Kind: String, Complete: true},
			{Name: "days", Summary: "weekdays, daily or weekly", Kind: String, Choices: []string{"weekdays", "daily", "weekly"}}},
		Examples: []string{"mail me@example.org", "mail me@example.org 09:00 Europe/Berlin", "mail me@example.org 17:30 Europe/Berlin weekly"}},
	{Name: "zotero", Summary: "papers into a library of Zotero: what is posted here, or what I save", Who: Self, Rare: true,
		Options: []Option{{Name: "change", Summary: "off: this channel's ends, and its key is forgotten; mine off: my list's", Kind: String, Rest: true,
			Choices: []string{"off", "mine off"}}},
		Examples: []string{"zotero", "zotero off", "zotero mine off"}},
	{Name: "help", Aliases: []Alias{{"?", Nothing}, {"hello", Nothing}, {"hi", Nothing}, {"hey", Nothing}, {"--help", Nothing}, {"-h", Nothing}, {"what can you do", Nothing}, {"what do you do", Nothing},
		{"how does this work", Nothing}, {"how do you work", Nothing}, {"hello what can you do", Nothing}, {"hi what can you do", Nothing}}, Summary: "how it works; help <verb> gives examples", Who: Anyone,
		Options:  []Option{{Name: "verb", Summary: "the verb to explain", Kind: String, Rest: true, Complete: true}},
		Examples: []string{"help", "help subscribe", "help search"}},
}

// Named finds a verb.
func Named(name string) (Verb, bool) {
	i := slices.IndexFunc(Table, func(v Verb) bool { return strings.EqualFold(v.Name, name) })
	if i < 0 {
		return Verb{}, false
	}
	return Table[i], true
}

// Option finds an option of the verb.
func (v Verb) Option(name string) (Option, bool) {
	i := slices.IndexFunc(v.Options, func(o Option) bool { return strings.EqualFold(o.Name, name) })
	if i < 0 {
		return Option{}, false
	}
	return v.Options[i], true
}

// Rest is the option that may be typed bare; ok is false where the verb has none.
func (v Verb) Rest() (Option, bool) {
	i := slices.IndexFunc(v.Options, func(o Option) bool { return o.Rest })
	if i < 0 {
		return Option{}, false
	}
	return v.Options[i], true
}

// Nearest is the verb that a mistyped word meant; "" when none is near: one edit
// for short words, two for longer ones.
func Nearest(s string) string {
	s = strings.ToLower(s)
	for _, v := range Table {
		limit := 1
		if len(v.Name) > 5 {
			limit = 2
		}
		if d := text.Distance(s, v.Name); d > 0 && d <= limit && len(s) > 3 {
			return v.Name
		}
	}
	return ""
}
