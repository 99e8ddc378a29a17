package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A stranger asks for a thousand pages at once, each of which takes a second: two are made
// at a time, those that find no place in three seconds are told when to come again, and
// nobody waits for who is slow to send or to read.
func TestFewPagesAreMadeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var making, most atomic.Int32
		page := few(make(chan struct{}, 2), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n := making.Add(1); n > most.Load() {
				most.Store(n)
			}
			said, _ := io.ReadAll(r.Body)
			time.Sleep(time.Second)
			making.Add(-1)
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, "a page%s", said)
		}))
		answers := make(chan *httptest.ResponseRecorder)
		for range 1000 {
			go func() {
				w := httptest.NewRecorder()
				page.ServeHTTP(w, httptest.NewRequest("GET", "/?q=lora", nil))
				answers <- w
			}()
		}
		begun, made := time.Now(), 0
		for range 1000 {
			switch w := <-answers; {
			case w.Code == http.StatusTeapot && w.Body.String() == "a page" && w.Header().Get("Content-Type") == "text/plain":
				made++
			case w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "10" || !strings.Contains(w.Body.String(), "in ten seconds"):
				t.Errorf("somebody is told %d, %q", w.Code, w.Body)
			}
		}
		if took := time.Since(begun); most.Load() != 2 || made < 6 || made > 8 || took > 4*time.Second {
			t.Errorf("%d at once, %d in all, the last after %v", most.Load(), made, took)
		}

		over := make(chan struct{})
		for range 2 {
			go page.ServeHTTP(&slowReader{ResponseRecorder: httptest.NewRecorder(), over: over}, httptest.NewRequest("GET", "/", nil))
		}
		for range 2 {
			sends, _ := io.Pipe() // which says nothing
			asked, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			context.AfterFunc(asked, func() { sends.Close() })
			go page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(asked, "POST", "/", sends))
		}
		time.Sleep(2 * time.Second) // both pages are made, and nobody takes them
		gone, leave := context.WithCancel(t.Context())
		leave()
		page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, "GET", "/", nil))
		begun = time.Now()
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader(" of mine")))
		if took := time.Since(begun); w.Code != http.StatusTeapot || w.Body.String() != "a page of mine" || took > 2*time.Second {
			t.Errorf("beside those who are slow to send and to read a page is %d, %s, after %v", w.Code, w.Body, took)
		}
		close(over)
	})
}

// slowReader takes nothing until it is over.
type slowReader struct {
	*httptest.ResponseRecorder
	over chan struct{}
}

func (s *slowReader) WriteHeader(int) {}
func (s *slowReader) Write(b []byte) (int, error) {
	<-s.over
	return len(b), nil
}
