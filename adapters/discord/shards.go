package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// Which process hears which shard is agreed by leases, and by nothing else: what
// they say dies with those who said it.
//
//	discord replica ID    a process that hears people; each has its share of the shards
//	discord leader        the one that asks Discord how many shards there are …
//	discord shards N      … and says it to the others
//	discord shard K/N     whose shard K is. Another count has other names: while any
//	                      of one count is alive, none of another is taken
//	discord outgrown N    somebody was told that N are too few
//	discord identify W    the turn to begin a session in window W
const (
	replicaLease  = "discord replica "
	leaderLease   = "discord leader"
	countLease    = "discord shards "
	shardLease    = "discord shard "
	outgrownLease = "discord outgrown "
	turnLease     = "discord identify "
)

const (
	leasePoll = 2 * time.Second
	askEvery  = time.Hour // how many shards Discord wants
	// So long after the leases were last read they are relied on: the owner beat at most
	// OwnerBeat before, and is not taken for dead until a round later.
	trust     = core.OwnerTTL - core.OwnerBeat - roundTime
	roundTime = 3 * time.Second
	// A shard goes to a process that has fewer after so long at the earliest.
	giveEvery = 5 * time.Second
	// How long a turn lasts, and how often it is looked for. Discord has 5 s from
	// identify to identify as they arrive there, which is not as they left.
	turnTime = 5*time.Second + 250*time.Millisecond
	turnPoll = 500 * time.Millisecond
)

// alone are the leases of who has nobody beside them.
type alone struct {
	mu   sync.Mutex
	held map[string]string
}

func (a *alone) Lease(_ context.Context, owner, name string) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held == nil {
		a.held = map[string]string{}
	}
	a.held[name] = owner
	return true, nil
}

func (a *alone) Unlease(_ context.Context, _, name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.held, name)
	return nil
}

func (a *alone) Leases(context.Context) (map[string]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.held), nil
}

func (a *alone) Owners(context.Context) ([]core.Owner, error) { return nil, nil }

// standing is what the leases say.
type standing struct {
	replicas []string
	leader   string
	counts   map[int]string         // that somebody says: who
	holders  map[int]map[int]string // of each count's shards
	outgrown map[int]string         // counts that are too few: who was told
	starting bool                   // somebody begins a session
}

func readStanding(leases map[string]string) standing {
	st := standing{leader: leases[leaderLease], counts: map[int]string{}, holders: map[int]map[int]string{}, outgrown: map[int]string{}}
	for name, owner := range leases {
		var id, of int
		switch {
		case strings.HasPrefix(name, replicaLease):
			st.replicas = append(st.replicas, owner)
		case strings.HasPrefix(name, turnLease):
			st.starting = true
		case scan(name, countLease+"%d", &of):
			st.counts[of] = owner
		case scan(name, outgrownLease+"%d", &of):
			st.outgrown[of] = owner
		case scan(name, shardLease+"%d/%d", &id, &of):
			if st.holders[of] == nil {
				st.holders[of] = map[int]string{}
			}
			st.holders[of][id] = owner
		}
	}
	return st
}

func scan(s, format string, into ...any) bool {
	n, err := fmt.Sscanf(s, format, into...)
	return err == nil && n == len(into)
}

// free are the shards of a count that are nobody's.
func (st standing) free(of int) (ids []int) {
	for id := range of {
		if st.holders[of][id] == "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// keeper is where a process has come to in keeping its share. Only keepShards
// uses it, but for the channels.
type keeper struct {
	bell  chan struct{} // something changed that the next round may need
	ended chan ending   // shards that ended by themselves

	heard time.Time // when the leases were last read
	gave  time.Time // when a shard was last given to others
	asked time.Time // when Discord is asked next how many there are
	tries int       // to ask, in vain
}

type ending struct {
	s   *shard
	err error
}

func (d *Discord) wake() {
	select {
	case d.keeper.bell <- struct{}{}:
	default:
	}
}

// keepShards hears what is this process's share until the context ends or Discord
// refuses us for good.
func (d *Discord) keepShards(ctx context.Context) error {
	k := &d.keeper
	k.heard = time.Now()
	defer kit.Briefly(context.WithoutCancel(ctx), func(ctx context.Context) {
		d.give(ctx, slices.Collect(maps.Values(d.shards))...)
		for _, name := range []string{leaderLease, countLease + fmt.Sprint(d.count), replicaLease + d.opt.Owner} {
			_ = d.leases.Unlease(ctx, d.opt.Owner, name) // else they end with the owner
		}
	})
	for ctx.Err() == nil {
		switch err := d.round(ctx); {
		case err == nil, ctx.Err() != nil:
		case core.Is[*core.Unauthorised](err):
			return err
		case errors.Is(err, core.ErrLost): // it is about to join, again maybe
			d.log.Debug("discord: this process is not known in the store yet", "err", err)
		default:
			d.log.Warn("discord: who hears what cannot be read", "err", err)
		}
		pause := time.Duration(leasePoll)
		if d.opt.Leases == nil { // nobody else can change anything
			pause = time.Until(k.asked)
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-k.bell:
		case e := <-k.ended:
			timer.Stop()
			if !errors.Is(e.err, errOutgrown) {
				return e.err
			}
			if d.shards[e.s.id] != e.s { // it was to end anyway
				continue
			}
			d.log.Warn("discord: "+e.err.Error(), "shard", e.s)
			d.give(ctx, e.s)
			if _, err := d.leases.Lease(ctx, d.opt.Owner, outgrownLease+fmt.Sprint(e.s.of)); err != nil && ctx.Err() == nil {
				d.log.Warn("discord: who leads cannot be told", "err", err)
			}
		}
		timer.Stop()
	}
	return nil
}

// round does the next step from how things stand to how they should.
func (d *Discord) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, roundTime) // else it would not be seen that the store does not answer
	defer cancel()
	k, me := &d.keeper, d.opt.Owner
	began := time.Now()
	leases, err := d.leases.Leases(ctx)
	if err != nil {
		if len(d.shards) > 0 && time.Since(k.heard) > trust {
			d.log.Warn("discord: the store has not answered for so long that others may take this process for dead; it hears nobody until it does", "err", err)
			d.setLink(errors.New("the store does not answer"))
			d.end(slices.Collect(maps.Values(d.shards))...)
		}
		return err
	}
	k.heard = began
	st := readStanding(leases)
	for _, s := range d.shards {
		if st.holders[s.of][s.id] != me { // we were taken for dead
			d.end(s)
		}
	}
	if !slices.Contains(st.replicas, me) {
		if _, err := d.leases.Lease(ctx, me, replicaLease+me); err != nil {
			return err
		}
		st.replicas = append(st.replicas, me)
	}
	if st.leader == "" {
		if led, err := d.leases.Lease(ctx, me, leaderLease); err != nil || !led {
			return err
		}
		st.leader = me
	}
	if st.leader == me {
		if err := d.lead(ctx, &st); err != nil {
			return err
		}
	}
	count := 0
	for of, who := range st.counts {
		if who == st.leader {
			count = max(count, of)
		}
	}
	if count == 0 {
		return nil // nobody has said it yet
	}
	d.mu.Lock()
	before := d.count
	d.mu.Unlock()
	if before != count {
		d.give(ctx, slices.Collect(maps.Values(d.shards))...)
		d.mu.Lock()
		d.count = count
		d.mu.Unlock()
		d.wake() // to look again: how things stood is not how they stand
		return nil
	}
	for of, who := range st.outgrown {
		if of < count && who == me {
			_ = d.leases.Unlease(ctx, me, outgrownLease+fmt.Sprint(of)) // it would end with us
		}
	}
	for of, held := range st.holders {
		for id, who := range held {
			if who == me && (of != count || d.shards[id] == nil) { // from before we were taken for dead
				if err := d.leases.Unlease(ctx, me, name(id, of)); err != nil {
					return err
				}
			} else if of != count {
				return nil // they hear what ours would
			}
		}
	}
	if st.outgrown[count] != "" {
		d.setLink(errOutgrown)
		return nil // there will be more
	}
	return d.balance(ctx, st)
}

func name(id, of int) string { return shardLease + fmt.Sprintf("%d/%d", id, of) }

// lead says how many shards there are: as many as are heard already, else as
// many as Discord wants. It wants one for about a thousand servers, and takes
// two and a half thousand on each; so there are new ones when it wants twice as
// many, or does not take those that there are.
func (d *Discord) lead(ctx context.Context, st *standing) error {
	k, me := &d.keeper, d.opt.Owner
	count := 0
	for of, who := range st.counts {
		if who == me {
			count = max(count, of)
		}
	}
	if count == 0 {
		for of, held := range st.holders {
			if count == 0 || len(held) > len(st.holders[count]) {
				count = of
			}
		}
	}
	if time.Now().Before(k.asked) && (count == 0 || st.outgrown[count] == "" || k.tries > 0) {
		return d.say(ctx, st, count)
	}
	info, err := d.askGateway(ctx)
	switch {
	case core.Is[*core.Unauthorised](err), ctx.Err() != nil:
		return err
	case err != nil:
		k.asked = time.Now().Add(d.backoff(k.tries))
		k.tries++
		d.log.Warn("discord: no gateway", "try", k.tries, "err", err)
		if count == 0 {
			d.setLink(fmt.Errorf("Discord does not answer: %w", err))
		}
		return d.say(ctx, st, count)
	}
	k.asked, k.tries = time.Now().Add(askEvery), 0
	d.setWindows(info.Limits.Concurrency)
	want := count
	switch {
	case count == 0:
		want = info.Shards
	case st.outgrown[count] != "":
		want = max(count+1, info.Shards)
	case info.Shards >= 2*count:
		want = info.Shards
	}
	if count != 0 && want != count {
		d.log.Info("discord: the servers are divided anew", "shards", want, "before", count)
	}
	return d.say(ctx, st, want)
}

// say says how many shards there are.
func (d *Discord) say(ctx context.Context, st *standing, count int) error {
	me := d.opt.Owner
	if count != 0 && st.counts[count] != me {
		if _, err := d.leases.Lease(ctx, me, countLease+fmt.Sprint(count)); err != nil {
			return err
		}
		st.counts[count] = me
	}
	for of, who := range st.counts {
		if who == me && of != count {
			if err := d.leases.Unlease(ctx, me, countLease+fmt.Sprint(of)); err != nil {
				return err
			}
			delete(st.counts, of)
		}
	}
	return nil
}

// balance takes a shard that is nobody's, or gives one to who has fewer. A
// process has its share, and takes no more at a time than may begin at a time,
// so that others that start with it have theirs. One is given at a time, when all
// are somebody's and nobody is about to begin: it is heard again some seconds
// later.
func (d *Discord) balance(ctx context.Context, st standing) error {
	k, me := &d.keeper, d.opt.Owner
	of := d.count
	share := (of + len(st.replicas) - 1) / len(st.replicas)
	free := st.free(of)
	if len(d.shards) > share {
		if len(free) == 0 && !st.starting && time.Since(k.gave) >= giveEvery {
			k.gave = time.Now()
			s := d.shards[slices.Max(slices.Collect(maps.Keys(d.shards)))]
			d.log.Info("discord: another process takes a shard over", "shard", s, "processes", len(st.replicas))
			d.give(ctx, s)
		}
		return nil
	}
	for _, id := range free {
		if len(d.shards) >= share || d.beginning() >= d.windows() {
			break
		}
		if got, err := d.leases.Lease(ctx, me, name(id, of)); err != nil {
			return err
		} else if got {
			d.take(id, of)
		}
	}
	var link error
	if left := d.untaken(st); left > 0 && len(d.shards) < share {
		link = fmt.Errorf("%d of %d shards are nobody's yet", left, of)
	}
	d.setLink(link)
	return nil
}

// untaken is how many shards were nobody's and are not ours now.
func (d *Discord) untaken(st standing) (n int) {
	for _, id := range st.free(d.count) {
		if d.shards[id] == nil {
			n++
		}
	}
	return n
}

// beginning is how many of our shards have not begun yet.
func (d *Discord) beginning() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.shards {
		if s.in == nil {
			n++
		}
	}
	return n
}

// take begins to hear a shard.
func (d *Discord) take(id, of int) {
	ctx, stop := context.WithCancel(d.running)
	s := &shard{d: d, id: id, of: of, stop: stop, ended: make(chan struct{}), link: errStarting, away: map[string]bool{}}
	d.mu.Lock()
	d.shards[id] = s
	d.mu.Unlock()
	go func() {
		err := s.run(ctx)
		close(s.ended)
		if err != nil {
			select {
			case d.keeper.ended <- ending{s, err}:
			case <-ctx.Done():
			}
		}
	}()
}

// end stops hearing shards. What is known of their servers is not kept: nobody
// tells any more how it changes.
func (d *Discord) end(shards ...*shard) {
	for _, s := range shards {
		s.stop()
	}
	for _, s := range shards {
		<-s.ended
		d.mu.Lock()
		delete(d.shards, s.id)
		d.mu.Unlock()
		d.guilds.forgetAll(s.hears)
	}
}

// give stops hearing shards, and lets others have them.
func (d *Discord) give(ctx context.Context, shards ...*shard) {
	d.end(shards...)
	for _, s := range shards {
		if err := d.leases.Unlease(ctx, d.opt.Owner, name(s.id, s.of)); err != nil && !errors.Is(err, core.ErrLost) && ctx.Err() == nil {
			d.log.Warn("discord: a shard could not be given back; the next round does it", "shard", s, "err", err)
		}
	}
}

// sessionTurns are the turns to begin a session: one at a time in each window, over all
// processes. Its zero value is ready.
type sessionTurns struct {
	mu      sync.Mutex
	windows int                   // as Discord last said; 0: not yet
	ours    map[int]chan struct{} // by window, full while a shard of this process has it
	held    sync.WaitGroup        // those that are still to be given back
}

// turn is one of them.
type turn struct {
	once sync.Once
	back func(after time.Duration)
}

// end gives it back: at once, or, where a session was begun in it, when the next
// one may be.
func (t *turn) end(begun bool) {
	if t == nil {
		return
	}
	t.once.Do(func() {
		after := time.Duration(0)
		if begun {
			after = turnTime
		}
		t.back(after)
	})
}

func (d *Discord) windows() int {
	d.turns.mu.Lock()
	defer d.turns.mu.Unlock()
	return cmp.Or(d.turns.windows, 1)
}

func (d *Discord) setWindows(n int) {
	d.turns.mu.Lock()
	defer d.turns.mu.Unlock()
	d.turns.windows = n
}

// takeTurn waits for the turn in a window.
func (d *Discord) takeTurn(ctx context.Context, window int) (*turn, error) {
	t, lease := &d.turns, turnLease+fmt.Sprint(window)
	t.mu.Lock()
	if t.ours == nil {
		t.ours = map[int]chan struct{}{}
	}
	if t.ours[window] == nil {
		t.ours[window] = make(chan struct{}, 1)
	}
	ours := t.ours[window]
	t.mu.Unlock()
	select {
	case ours <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for {
		got, err := d.leases.Lease(ctx, d.opt.Owner, lease)
		if got {
			break
		}
		if err == nil {
			err = kit.Sleep(ctx, turnPoll)
		}
		if err != nil {
			<-ours
			return nil, err
		}
	}
	return &turn{back: func(after time.Duration) {
		t.held.Go(func() {
			// Who stops does not wait: who comes next may be told to wait by Discord.
			_ = kit.Sleep(d.running, after)
			kit.Briefly(context.WithoutCancel(d.running), func(ctx context.Context) {
				_ = d.leases.Unlease(ctx, d.opt.Owner, lease) // else it ends with the owner
			})
			<-ours
		})
	}}, nil
}

// Shard is one that a process has.
type Shard struct {
	ID, Of, Servers int
	Err             error // why nothing is heard at the moment; nil: it is
}

// String is its number, and that of all.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.ID, s.Of) }

// ShardNames are those of shards, in a line.
func ShardNames(shards []Shard) string {
	ids := make([]int, len(shards))
	for i, s := range shards {
		ids[i] = s.ID
	}
	if len(ids) == 0 {
		return "no shard; other processes have them"
	}
	return fmt.Sprintf("%s of %d", numbered(ids), shards[0].Of)
}

// numbered are shards, in a line: "shards 0-3, 7".
func numbered(ids []int) string {
	slices.Sort(ids)
	var parts []string
	for i := 0; i < len(ids); {
		j := i
		for j+1 < len(ids) && ids[j+1] == ids[j]+1 {
			j++
		}
		part := fmt.Sprint(ids[i])
		if j > i {
			part += fmt.Sprintf("-%d", ids[j])
		}
		parts, i = append(parts, part), j+1
	}
	if len(ids) == 1 {
		return "shard " + parts[0]
	}
	return "shards " + strings.Join(parts, ", ")
}

// Shards are those that this process has, by number.
func (d *Discord) Shards() (all []Shard) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(d.shards)) {
		s := d.shards[id]
		all = append(all, Shard{ID: id, Of: s.of, Servers: len(s.in), Err: s.link})
	}
	return all
}

// whoHears says which process has which shards; all is whether each is
// somebody's. wanted is how many Discord wants.
func (d *Discord) whoHears(ctx context.Context, wanted int) (detail string, all bool, err error) {
	leases, err := d.leases.Leases(ctx)
	if err != nil {
		return "", false, err
	}
	st := readStanding(leases)
	of := 0
	for n, who := range st.counts {
		if who == st.leader {
			of = max(of, n)
		}
	}
	if of == 0 {
		return fmt.Sprintf("Discord wants %d; no process has any at the moment", wanted), true, nil
	}
	owners, err := d.leases.Owners(ctx)
	if err != nil {
		return "", false, err
	}
	held := map[string][]int{}
	for id, who := range st.holders[of] {
		held[who] = append(held[who], id)
	}
	var parts []string
	for _, o := range owners {
		if ids := held[o.ID]; len(ids) > 0 {
			parts = append(parts, fmt.Sprintf("process %d on %s has %s", o.PID, o.Host, numbered(ids)))
		}
	}
	free := st.free(of)
	if len(free) > 0 {
		parts = append(parts, "nobody has "+numbered(free))
	}
	return fmt.Sprintf("%d of them: %s", of, strings.Join(parts, "; ")), len(free) == 0, nil
}
