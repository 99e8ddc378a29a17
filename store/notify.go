package store

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"paperboy/core"
)

// Processes on PostgreSQL tell each other of work by NOTIFY, in the transaction that
// makes the work, so that nobody hears of what is not there. Each listens on a connection
// of its own. A pooler that lends connections for a transaction, as PgBouncer may, loses
// what is notified meanwhile; so whether it is heard is tried, by what is rung by the listener
// itself, and where it is not, each looks once a second.

const (
	channel    = "paperboy"
	lookEvery  = time.Second      // where nothing is heard
	hearTries  = 2 * time.Second  // so long what we ring ourselves may take
	hearAgain  = 30 * time.Second // … and it is rung so often: a connection may be dead and look alive
	dialAgain  = 5 * time.Second
	dialTime   = 5 * time.Second
	selfCalled = "listening"
)

func (*pg) exclusive() bool { return false }

// limit is longer than any statement takes that does not wait for a lock.
func (*pg) limit() time.Duration { return 30 * time.Second }

func (*pg) ring(t tx, from string, works []core.Work) error {
	for _, w := range works {
		if _, err := t.exec(`SELECT pg_notify($1, $2)`, channel, from+" "+string(w)); err != nil {
			return err
		}
	}
	return nil
}

var allWork = []core.Work{core.ToPlan, core.ToSend, core.ToRead, core.ToLead}

func (p *pg) hear(ctx context.Context, from string, heard func(core.Work)) {
	look := func() {
		for _, w := range allWork {
			heard(w)
		}
	}
	var hears atomic.Bool
	var listening sync.WaitGroup
	defer listening.Wait()
	listening.Go(func() {
		for ctx.Err() == nil {
			_ = p.listen(ctx, from, heard, func() { hears.Store(true); look() }) // for what was rung before
			hears.Store(false)
			select {
			case <-time.After(dialAgain):
			case <-ctx.Done():
			}
		}
	})
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			if !hears.Load() {
				look()
			}
		case <-ctx.Done():
			return
		}
	}
}

// listen hears until that fails. begun is called when it is known that it hears.
func (p *pg) listen(ctx context.Context, from string, heard func(core.Work), begun func()) error {
	dialling, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, err := pgx.ConnectConfig(dialling, p.config.Copy())
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		conn.Close(closing)
	}()
	if _, err := conn.Exec(dialling, "LISTEN "+channel); err != nil {
		return err
	}
	hears := false
	for {
		// A round: we ring ourselves, and have to hear that soon.
		self := from + " " + selfCalled
		if err := p.notify(ctx, self); err != nil {
			return err
		}
		until := time.Now().Add(hearAgain)
		answer := time.Now().Add(hearTries)
		for answered := false; time.Now().Before(until); {
			end := until
			if !answered {
				end = answer
			}
			waiting, stop := context.WithDeadline(ctx, end)
			n, err := conn.WaitForNotification(waiting)
			stop()
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil && pgconn.Timeout(err) && answered:
				continue // nobody rang
			case err != nil:
				return err
			case n.Payload == self:
				if answered = true; !hears {
					hears = true
					begun()
				}
			default:
				if by, work, ok := strings.Cut(n.Payload, " "); ok && by != from {
					heard(core.Work(work))
				}
			}
		}
	}
}

func (p *pg) notify(ctx context.Context, payload string) error {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	_, err := p.db.ExecContext(ctx, `SELECT pg_notify($1, $2)`, channel, payload)
	return err
}
