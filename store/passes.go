package store

import (
	"context"
	"time"

	"paperboy/core"
)

// PutPass implements core.PassStore.
func (s *Store) PutPass(ctx context.Context, p core.Pass, now time.Time) error {
	return s.write(ctx, "keeping who is signed in", func(t tx) error {
		if _, err := t.exec(`DELETE FROM passes WHERE until <= $1`, ms(now)); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO passes (secret, purpose, person, name, until) VALUES ($1, $2, $3, $4, $5)`,
			hashed("", p.Secret), p.Purpose, p.User.Key, p.User.Name, ms(p.Until))
		return err
	})
}

// Pass implements core.PassStore.
func (s *Store) Pass(ctx context.Context, purpose core.Purpose, secret string, now time.Time) (p core.Pass, err error) {
	err = s.read(ctx, "finding who is signed in", func(t tx) error {
		p, err = t.pass(purpose, secret, now)
		return err
	})
	return p, err
}

func (t tx) pass(purpose core.Purpose, secret string, now time.Time) (core.Pass, error) {
	p := core.Pass{Purpose: purpose, Secret: secret}
	err := t.one([]any{&p.User.Key, &p.User.Name, millis{&p.Until}},
		`SELECT person, name, until FROM passes WHERE secret = $1 AND purpose = $2 AND until > $3`, hashed("", secret), purpose, ms(now))
	if err != nil {
		return core.Pass{}, err
	}
	return p, nil
}

// EndPass implements core.PassStore.
func (s *Store) EndPass(ctx context.Context, purpose core.Purpose, secret string, now time.Time) (p core.Pass, err error) {
	err = s.write(ctx, "ending who is signed in", func(t tx) error {
		if p, err = t.pass(purpose, secret, now); err != nil {
			return err
		}
		// Another process may have read it at the same moment: who deletes it has it.
		return t.must(`DELETE FROM passes WHERE secret = $1`, hashed("", secret))
	})
	if err != nil {
		return core.Pass{}, err
	}
	return p, nil
}

// PersonOf implements core.PassStore.
func (s *Store) PersonOf(ctx context.Context, issuer, subject string) (u core.User, err error) {
	err = s.read(ctx, "finding whom a subject is", func(t tx) error {
		return t.one([]any{&u.Key, &u.Name}, `SELECT person, name FROM subjects WHERE issuer = $1 AND subject = $2`, issuer, subject)
	})
	return u, err
}

// SetPersonOf implements core.PassStore.
func (s *Store) SetPersonOf(ctx context.Context, issuer, subject string, u core.User) error {
	return s.write(ctx, "keeping whom a subject is", func(t tx) error {
		_, err := t.exec(`INSERT INTO subjects (issuer, subject, person, name) VALUES ($1, $2, $3, $4)
			ON CONFLICT (issuer, subject) DO UPDATE SET person = $3, name = $4`, issuer, subject, u.Key, u.Name)
		return err
	})
}
