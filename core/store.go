package core

import (
	"context"
	"time"

	"paperboy/core/meaning"
	"paperboy/core/topic"
)

// Store is Paperboy's memory. Each method is one transaction. A missing thing
// is ErrNotFound, a write for which there is no room ErrFull, one that would have
// to wait too long ErrBusy; no reading waits for a writer. Slices come back in a
// stable, stated order.
type Store interface {
	PaperStore
	ChannelStore
	Ledger
	VoteStore
	SourceStore
	EmbeddingStore
	LinkStore
	InstallationStore
	WorkspaceStore
	PassStore
	LibraryStore
}

// PaperStore keeps papers, who listed them when, and the index of their words.
type PaperStore interface {
	// PutPapers merges what came (by Merge, after Clean) and writes down who said
	// what, and the sightings. backlog marks papers that are new to the store as
	// seen. A paper changes (Changed grows) when something that a topic can see
	// changed, or its version, or its withdrawal. Its messages have to be edited
	// when it is one of NewVersions, Corrected or Furthered. A version that somebody better
	// tells without announcing it is the one that they showed.
	PutPapers(ctx context.Context, seen []Seen, backlog bool, now time.Time) (Put, error)
	// Tidy makes the index of words few pieces again, so that what is rare is found as
	// fast as before many papers came. Others write between its short steps.
	Tidy(ctx context.Context) error
	// Paper finds a paper by id.
	Paper(ctx context.Context, id PaperID) (Paper, error)
	// Papers finds several, in the order asked, without those that are missing.
	Papers(ctx context.Context, ids []PaperID) ([]Paper, error)
	// PapersBySeq finds several by their numbers, in the order asked, without those
	// that are missing.
	PapersBySeq(ctx context.Context, seqs []Seq) ([]Paper, error)
	// Search finds what the topic matches, in the asked order. It does not look at Plain.
	Search(ctx context.Context, q Query) (Found, error)
	// ChangedPapers are the papers with Changed > after that are not backlog, by Changed.
	ChangedPapers(ctx context.Context, after Seq) ([]Paper, error)
	// Seq is the number of the newest change.
	Seq(ctx context.Context) (Seq, error)
	// Sightings of the papers, oldest first, by id.
	Sightings(ctx context.Context, ids []PaperID) (map[PaperID][]Sighting, error)
	// Listed counts the distinct papers sighted on that day.
	Listed(ctx context.Context, day Date) (int, error)
	// OnDay are the papers that sources listed on that day, each with the sources, by
	// the order in which the store took them in.
	OnDay(ctx context.Context, day Date) ([]Listed, error)
	// Unread are arXiv ids of papers that the publisher is to be asked for, newest
	// first: those without categories that a source listed since that day, and
	// those that became Unread since then.
	Unread(ctx context.Context, since Date, limit int) ([]PaperID, error)
	// CountPapers counts all.
	CountPapers(ctx context.Context) (int, error)
	// FirstDay is the first Day since then that any paper has; zero where none has one.
	FirstDay(ctx context.Context, since Date) (Date, error)
	// Vocabulary is the words that begin with prefix ("": none does) and those of
	// words, each with the papers that have it in their title or in their abstract,
	// whichever are more; for the field Author, the keys of
	// core/names that their authors have. A word that no paper has is left out. In
	// a large store the newest 49,000 papers are asked, or more.
	Vocabulary(ctx context.Context, field topic.Field, prefix string, words []string) (map[string]int, error)
	// Matching are the newest papers that the query selects, by Day, then by Seq, the
	// newest first, at most most; more says that there are others. Where papers of all
	// days came mixed, and very many match, some are only about the newest. Sort,
	// Limit, Offset and Channel say nothing here.
	Matching(ctx context.Context, q Query, most int) (found []Match, more bool, err error)
	// Nearest are those of the papers that the query selects that are nearest in
	// meaning, the most alike first, then the newest Seq. As the directions' signs
	// choose whom to compare, one of the last may be missing that is as near; where
	// the query has words or names, the newest Countable that have them are compared.
	Nearest(ctx context.Context, v meaning.Vector, q Query, limit int) ([]Near, error)
	// Features are what is compared of papers; those that are missing are left out.
	Features(ctx context.Context, seqs []Seq) (map[Seq]meaning.Features, error)
}

// Listed is a paper and who listed it on a day.
type Listed struct {
	Paper   PaperID
	Sources []string // Shorts, sorted
}

// Put is what became of a batch.
type Put struct {
	New, Updated, Unchanged int
	NewVersions             []PaperID // known papers of which the publisher announced a newer version, or that were withdrawn or are no more; where it had told no version, a replacement
	Corrected               []PaperID // known papers of which somebody better told another text
	Furthered               []PaperID // known papers that were accepted, or have code, as was not known before; or are and have no more
}

// Add counts another batch in.
func (p *Put) Add(q Put) {
	p.New += q.New
	p.Updated += q.Updated
	p.Unchanged += q.Unchanged
	p.NewVersions = append(p.NewVersions, q.NewVersions...)
	p.Corrected = append(p.Corrected, q.Corrected...)
	p.Furthered = append(p.Furthered, q.Furthered...)
}

// Sort is the order of a search.
type Sort string

// The orders.
const (
	SortBest Sort = "best" // words' weight (BM25, a title's word counts more), then newest
	SortNew  Sort = "new"
	SortTop  Sort = "top" // votes here, then Hugging Face upvotes (unknown ranks between), then newest
)

// Query is a search.
type Query struct {
	Topic   topic.Topic // zero: every paper
	Plain   []string    // words of the Topic to be understood by what they mean too, as topic.Plain has them; none: it is exact
	Scope   topic.Scope // zero: everywhere; ignored when the topic names a category
	Since   Date        // by Paper.Day; zero: no bound
	Until   Date
	Sort    Sort  // zero: SortBest
	Limit   int   // 0: count only
	Offset  int   // so many of the first are left out
	Channel int64 // SortTop: whose votes count; 0: everybody's, each person once
}

// Found is a search's result.
type Found struct {
	Hits    []Hit
	Total   int            // matches; of plain words: of all of them that say something
	More    bool           // there are more than Total, which were neither counted nor ordered
	Ranked  int            // of plain words: papers that can be shown, those near in meaning among them
	Primary map[string]int // those counted by primary category; "" for those without
}

// Countable is how many matches are counted and put in order, the newest, where
// nobody asks for more. Of everything that most people search for there are fewer;
// a million papers have hundreds of thousands with the word "model".
const Countable = 4000

// Match is a paper that a query selects, with what an order looks at.
type Match struct {
	Seq     Seq
	Day     Date
	Primary string // category; "" where none is known
	Upvotes *int   // nil: unknown
	Code    meaning.Code
}

// Near is a paper and how near it is in meaning, as meaning.Vector.Cosine says.
type Near struct {
	Seq   Seq
	Alike float64
}

// Hit is one found paper.
type Hit struct {
	Paper Paper
	Score float64 // greater is better; 0 when the order is not SortBest
	Votes int     // SortTop: distinct people with an upvote, as Query says
	Why   Because // of plain words
}

// Because is why plain words found a paper.
type Because struct {
	All  bool     // it has all the words
	Has  []string // those of the words that it has, in their order, without "of" and its like
	Near []string // words of its own that mean most nearly what was asked, the nearest first
}

// ChannelStore keeps channels, what they follow, what they hide.
type ChannelStore interface {
	// EnsureChannel finds the channel with fresh's Key, or makes it as fresh says.
	// Its name follows fresh.Name when that is not empty, and a channel that
	// was gone comes back. A new one's Planned is at least the newest Seq:
	// it follows nothing yet.
	EnsureChannel(ctx context.Context, fresh Channel) (Channel, error)
	ChannelByID(ctx context.Context, id int64) (Channel, error)
	// Channels are all that are not gone, by id.
	Channels(ctx context.Context) ([]Channel, error)
	// Following are the channels of an installation that follow something, by id, and
	// their topics, by number.
	Following(ctx context.Context, in Installation) ([]Channel, map[int64][]Topic, error)
	// CountFollowing is how many those are.
	CountFollowing(ctx context.Context, in Installation) (int, error)
	// UpdateChannel changes it under the store's lock; everything but ID and Key may change.
	UpdateChannel(ctx context.Context, id int64, change func(*Channel)) (Channel, error)
	// ChannelByKey is the channel, gone or not; ErrNotFound when nobody has
	// used a command there.
	ChannelByKey(ctx context.Context, key ChannelKey) (Channel, error)
	// GoneWorkspace marks all channels of a workspace gone (or back, when now is
	// zero, but those that are closed), and what is kept of the installation there: of
	// one that is gone what was granted is forgotten at once.
	GoneWorkspace(ctx context.Context, platform, workspace string, now time.Time) error
	// Forget deletes what has been gone since before, with all that hangs on it, and what
	// is kept of installations:
	// with a workspace's last channel its people's lists and private mutes, with a
	// platform's last workspace those of people whose keys name none.
	Forget(ctx context.Context, before time.Time) error

	// DropChannel deletes a channel with all that hangs on it, at once. One that is
	// not there is no error: whoever sends to it has lost the claim.
	DropChannel(ctx context.Context, id int64) error

	// Topics of the channel that are followed, by number. Channel 0: of all channels that are not gone, by channel and number.
	Topics(ctx context.Context, channel int64) ([]Topic, error)
	// AddTopic gives it the next number and Since = the newest Seq.
	AddTopic(ctx context.Context, channel int64, t topic.Topic, by User, now time.Time) (Topic, error)
	// NarrowTopic changes what a followed topic says; it keeps its number and
	// Since, so that nothing that has come is lost. ReplaceTopic puts another in its
	// place, with its number and Since = the newest Seq: it begins anew.
	NarrowTopic(ctx context.Context, channel, id int64, to topic.Topic) (Topic, error)
	ReplaceTopic(ctx context.Context, channel, id int64, to topic.Topic) (Topic, error)
	// WidenTopic changes what a followed topic says to something that brings more: it
	// keeps its number, what has come since the channel's last plan is new for it, and
	// what came before is seen.
	WidenTopic(ctx context.Context, channel, id int64, to topic.Topic) (Topic, error)
	// RemoveTopic marks it removed; RestoreTopic brings a topic of that channel
	// back with its number and Since, when it was removed after that moment and
	// the channel does not follow the same again, else ErrNotFound.
	RemoveTopic(ctx context.Context, id int64, now time.Time) error
	RestoreTopic(ctx context.Context, channel, id int64, removedAfter time.Time) (Topic, error)

	// Guards of the channel's topics that are followed, by topic's number and paper;
	// channel 0: of all channels that are not gone, by channel first. AddGuard gives
	// one, once; RemoveGuard takes it back. Both answer ErrNotFound for a topic that
	// the channel does not follow.
	Guards(ctx context.Context, channel int64) ([]Guard, error)
	AddGuard(ctx context.Context, channel int64, g Guard) error
	RemoveGuard(ctx context.Context, channel int64, g Guard) error

	// Mutes of the channel and, when user is not empty, of that person, that hold at now; by id.
	Mutes(ctx context.Context, channel int64, user string, now time.Time) ([]Mute, error)
	// AddMute takes the place of the same mute, whatever its end.
	AddMute(ctx context.Context, m Mute) (Mute, error)
	RemoveMute(ctx context.Context, id int64) error
}

// Ledger is the memory of what was to be posted and what came of it.
type Ledger interface {
	Owners
	Leases
	Turns
	Bells
	Queue
	Outcomes
	EditOutcomes
	// PlanDigests writes digests, their deliveries, the channels' Planned and,
	// for a daily post or a catch-up, their LastDue, for a journal club's their
	// Club.Done (none ever goes back) in one transaction. Deliveries whose (channel, item) exists are left out, but
	// for those that are adopted. A digest is not written when (channel, kind,
	// due) exists, or when it would have papers and all of them have a line in
	// the ledger. With told, nothing is written unless that is news. It returns
	// how many were written.
	PlanDigests(ctx context.Context, plans []Plan, told ...Told) (planned int, err error)
	// Planning is what posts of the channels are planned from; papers are those
	// that may be in them, votes count since votedSince.
	Planning(ctx context.Context, channels []int64, papers []PaperID, votedSince, now time.Time) (map[int64]Planning, error)
	// Reopen has an uncertain message sent again: a person decided that it is not
	// there. ErrNotFound when it is not uncertain.
	Reopen(ctx context.Context, channel int64, item Item, now time.Time) error
	Digest(ctx context.Context, id int64) (Digest, error)
	// Digests are a channel's of these kinds, the first due first.
	Digests(ctx context.Context, channel int64, kinds ...DigestKind) ([]Digest, error)
	// Restored is what the store does not know since it was restored.
	Restored(ctx context.Context) (Restored, error)
	// Sending reports whether a message of the channel is on its way.
	Sending(ctx context.Context, channel int64) (bool, error)
	// CountOpen counts what is planned, sending and held.
	CountOpen(ctx context.Context) (map[DeliveryState]int, error)
	Delivery(ctx context.Context, channel int64, item Item) (Delivery, error)
	// DeliveriesOf a channel in one of the states (all when none) that changed at or after since, by digest and position.
	DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...DeliveryState) ([]Delivery, error)
	// DeliveriesFor are the channel's lines for some papers.
	DeliveriesFor(ctx context.Context, channel int64, papers []PaperID) (map[PaperID]Delivery, error)
	// Standing are the papers that stand in posts of since then, the newest first.
	Standing(ctx context.Context, since time.Time) ([]PaperID, error)
	// DeliveryByMessage finds what stands in a message: of several, the header.
	DeliveryByMessage(ctx context.Context, channel int64, message string) (Delivery, error)
}

// MostSearches is how many searches of a person are kept.
const MostSearches = 20

// VoteStore keeps what people said about papers, and their lists.
type VoteStore interface {
	// PutReaction writes the state of (message, person, emoji) unless an event
	// with a greater Order already did; one without an Order comes after all that did. kind is what the emoji says; with a
	// bookmark the person's list changes. changed is false when nothing changed. With
	// a vote for the paper the message that it stands in has to show the count, here
	// as in SetReactions and ForgetUser: now, or CountEvery after it last did.
	PutReaction(ctx context.Context, channel int64, paper PaperID, kind VoteKind, r Reaction) (changed bool, err error)
	// SetReactions replaces what is known of a message's reactions by what was
	// read back, and says which of them that added or took off; lists change with
	// them. What PutReaction has written since asked, the Moment at which reading began, stays:
	// it was heard meanwhile. Zero: nothing was. kind says what an emoji means; those that mean
	// nothing, buttons' votes among them, are left alone.
	SetReactions(ctx context.Context, channel int64, paper PaperID, message string, kind func(emoji string) (VoteKind, bool), rs []Reaction, asked time.Time) (changed []Reaction, err error)
	// Moment is the database's clock, for SetReactions.
	Moment(ctx context.Context) (time.Time, error)
	// Tally of papers: distinct people in the channel; channel 0: anywhere.
	// With a since, only votes given then or later.
	Tally(ctx context.Context, channel int64, papers []PaperID, since time.Time) (map[PaperID]Tally, error)
	// Voted are the papers that got any vote in the channel since then, by id.
	Voted(ctx context.Context, channel int64, since time.Time) ([]PaperID, error)

	// Voters counts the distinct people who voted for a paper in the channel since then.
	Voters(ctx context.Context, channel int64, since time.Time) (int, error)

	// Ballot counts the distinct people who chose each paper of a ballot, which is
	// the Message of their reactions of the kind Chosen.
	Ballot(ctx context.Context, channel int64, ballot Item) (map[PaperID]int, error)

	// Votes are the papers that got any vote in the channels since then, by channel,
	// each by id.
	Votes(ctx context.Context, channels []int64, since time.Time) (map[int64][]Voted, error)

	// Save puts on the list, or updates Done and, when it is not empty, the
	// note; Unsave takes off. Both say whether the list changed.
	Save(ctx context.Context, s Saved) (changed bool, err error)
	Unsave(ctx context.Context, user string, paper PaperID) (changed bool, err error)
	// SavedBy is the person's list, newest first.
	SavedBy(ctx context.Context, user string) ([]Saved, error)
	// Remember keeps what a person searched for, their last MostSearches: the same
	// again becomes the newest. Searches are those, newest first.
	Remember(ctx context.Context, user, search string, now time.Time) error
	Searches(ctx context.Context, user string) ([]string, error)
	// ForgetUser deletes a person's saves, searches, votes, private mutes and the
	// channels that follow another for them, and blanks their name where it stands. It stays deleted: what stands on messages of
	// before now is not counted when it is read back.
	ForgetUser(ctx context.Context, user string, now time.Time) error
	// Reread has a channel's votes of the last week read again at a time;
	// RereadAll those of all channels of some workspaces of a platform, of all where
	// workspaces is nil, that have posts since then: from now on, those that
	// had a post last first. RereadDone: they were read, as
	// asked for at or before asked.
	Reread(ctx context.Context, channel int64, at time.Time) error
	RereadAll(ctx context.Context, platform string, workspaces []string, since, now time.Time) error
	RereadDone(ctx context.Context, channel int64, asked time.Time) error
	// SeenEvent notes an event's or request's id and reports whether it was
	// there already. Ids older than a day may be forgotten.
	SeenEvent(ctx context.Context, id string, now time.Time) (bool, error)
}

// LinkStore keeps the links of channels, one for each purpose. They go with their
// channel; who made one is forgotten with the person.
type LinkStore interface {
	// Link is the channel's; ErrNotFound where it has none.
	Link(ctx context.Context, channel int64, purpose Purpose) (Link, error)
	// SetLink takes the place of the one before, which opens nothing from then on.
	SetLink(ctx context.Context, l Link) error
	// RemoveLink takes it away; ErrNotFound where there is none.
	RemoveLink(ctx context.Context, channel int64, purpose Purpose) error
	// LinkBySecret is the link with the secret, and its channel; ErrNotFound for a
	// secret of another purpose, and where the channel is gone.
	LinkBySecret(ctx context.Context, purpose Purpose, secret string) (Link, Channel, error)
}

// PassStore keeps who is signed in, and whom an OpenID provider's subjects are in the
// chat. Secrets are kept as hashes: a copy of the store signs nobody in. All of it is
// forgotten with the person.
type PassStore interface {
	// PutPass keeps a pass, and deletes those that ended before now.
	PutPass(ctx context.Context, p Pass, now time.Time) error
	// Pass is the one with the secret; ErrNotFound for a secret of another purpose, and
	// from the moment that it ends.
	Pass(ctx context.Context, purpose Purpose, secret string, now time.Time) (Pass, error)
	// EndPass takes a pass away and says what it was: of those who ask at once, one is
	// told and the others get ErrNotFound.
	EndPass(ctx context.Context, purpose Purpose, secret string, now time.Time) (Pass, error)
	// PersonOf is whom a subject of an issuer is; ErrNotFound where nobody said.
	PersonOf(ctx context.Context, issuer, subject string) (User, error)
	// SetPersonOf takes the place of what was said before.
	SetPersonOf(ctx context.Context, issuer, subject string, u User) error
}

// EmbeddingStore keeps what an Embedder made of papers, one vector each: that of
// another model takes its place, and a paper whose title or abstract changes has none.
type EmbeddingStore interface {
	// Unembedded are papers without a vector of the model, the newest first.
	Unembedded(ctx context.Context, model string, limit int) ([]Paper, error)
	// PutEmbeddings keeps the papers' vectors, each but where its title or abstract
	// is another by now.
	PutEmbeddings(ctx context.Context, model string, papers []Paper, vectors []meaning.Vector) error
	// Embeddings are the vectors of the model; papers without one are left out.
	Embeddings(ctx context.Context, model string, seqs []Seq) (map[Seq]meaning.Vector, error)
}

// SourceStore keeps how sources are.
type SourceStore interface {
	SourceStates(ctx context.Context) ([]SourceState, error) // by name
	// UpdateSourceState changes what is known of a source, nothing yet if it is
	// new, under the store's lock: a fetch in another process, and the notice
	// that it is late, write it too.
	UpdateSourceState(ctx context.Context, source string, change func(*SourceState)) error
	// PutLists writes down what sources said of their lists (List.Heard). Lists are
	// those of a day, by source.
	PutLists(ctx context.Context, lists []List, now time.Time) error
	Lists(ctx context.Context, day Date) ([]List, error)
	// Note and SetNote keep a small fact by name across restarts, such as the
	// time of arXiv's last request or a feed's ETag. A missing one is "".
	Note(ctx context.Context, name string) (string, error)
	SetNote(ctx context.Context, name, value string) error
}
