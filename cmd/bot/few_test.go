package main

import (
	"context"
	"fmt"
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
// nobody waits for who is slow to read.
func TestFewPagesAreMadeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var making, most atomic.Int32
		page := few(make(chan struct{}, 2), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n := making.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			making.Add(-1)
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, "a page")
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
		time.Sleep(2 * time.Second) // both pages are made, and nobody takes them
		gone, leave := context.WithCancel(t.Context())
		leave()
		page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, "GET", "/", nil))
		begun = time.Now()
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if took := time.Since(begun); w.Code != http.StatusTeapot || took > 2*time.Second {
			t.Errorf("beside slow readers a page is %d, after %v", w.Code, took)
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
