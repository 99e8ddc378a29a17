// Package fakezotero is Zotero's Web API, version 3, for tests, as far as a program
// that puts papers away needs it, and as strict as the real one.
//
// In: requests over HTTP. Out: what Zotero answers them, or a fault that was ordered.
//
// It refuses what Zotero refuses: a key that is none or may not write, a request
// without the version of the API in which it is written, an item with a field that its
// type does not have, a key of the wrong form, a version that is missing or old, more
// than 50 items, a collection that is none. It knows preprints alone.
package fakezotero

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Key is somebody's key to Zotero: to the library of a user, and to groups by number.
type Key struct {
	User   int
	Name   string
	Write  bool         // into the user's own library
	Groups map[int]bool // whether it may write there; 0: all
}

// Server is a Zotero.
type Server struct {
	t   testing.TB
	URL string

	mu          sync.Mutex
	keys        map[string]Key
	groups      map[int]string
	collections map[string]map[string]string // names by key, by library: "groups/7"
	items       map[string]map[string]map[string]any
	versions    map[string]int
	faults      []string
	asked       []string
}

// New starts one, until the test ends.
func New(t testing.TB) *Server {
	s := &Server{t: t, keys: map[string]Key{}, groups: map[int]string{}, collections: map[string]map[string]string{},
		items: map[string]map[string]map[string]any{}, versions: map[string]int{}}
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(h.Close)
	s.URL = h.URL
	return s
}

// SetKey makes a key, or changes what it may.
func (s *Server) SetKey(secret string, k Key) { s.locked(func() { s.keys[secret] = k }) }

// RemoveKey takes one back.
func (s *Server) RemoveKey(secret string) { s.locked(func() { delete(s.keys, secret) }) }

// SetGroup makes a group.
func (s *Server) SetGroup(number int, name string) { s.locked(func() { s.groups[number] = name }) }

// SetCollection makes a collection, or takes it away where name is "".
func (s *Server) SetCollection(library, key, name string) {
	s.locked(func() {
		if s.collections[library] == nil {
			s.collections[library] = map[string]string{}
		}
		if s.collections[library][key] = name; name == "" {
			delete(s.collections[library], key)
		}
	})
}

// Fails orders what becomes of the next requests: "429 7" and "503 7" (Retry-After),
// "backoff 7" on the answer that it has, a bare status, "lost" (done, but no answer), "" (as is).
func (s *Server) Fails(faults ...string) { s.locked(func() { s.faults = append(s.faults, faults...) }) }

// Items are a library's, by key.
func (s *Server) Items(library string) (out map[string]map[string]any) {
	s.locked(func() {
		out = map[string]map[string]any{}
		for k, v := range s.items[library] {
			out[k] = v
		}
	})
	return out
}

// Asked are the requests that came, as "GET /keys/current".
func (s *Server) Asked() (out []string) {
	s.locked(func() { out = append(out, s.asked...) })
	return out
}

func (s *Server) locked(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	var fault string
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	word, value, _ := strings.Cut(fault, " ")
	switch code, err := strconv.Atoi(word); {
	case word == "backoff":
		w.Header().Set("Backoff", value)
	case word == "lost":
		s.answer(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case err == nil:
		if value != "" {
			w.Header().Set("Retry-After", value)
		}
		http.Error(w, "a fault", code)
		return
	}
	s.answer(w, r)
}

var (
	path    = regexp.MustCompile(`^/((users|groups)/(\d+))(?:/(items|collections)(?:/(\w+))?)?$`)
	itemKey = regexp.MustCompile(`^[23456789ABCDEFGHIJKLMNPQRSTUVWXYZ]{8}$`)
)

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Zotero-API-Version") != "3" {
		s.t.Errorf("%s %s says nothing of its version", r.Method, r.URL.Path)
	}
	if r.URL.Query().Has("key") {
		s.t.Error("a key stands in an address")
	}
	k, known := s.keys[r.Header.Get("Zotero-API-Key")]
	if r.URL.Path == "/keys/current" {
		if !known {
			http.Error(w, "Invalid key", http.StatusForbidden)
			return
		}
		groups := map[string]any{}
		for g, write := range k.Groups {
			name := "all"
			if g > 0 {
				name = strconv.Itoa(g)
			}
			groups[name] = map[string]bool{"library": true, "write": write}
		}
		write(w, map[string]any{"key": "…", "userID": k.User, "username": k.Name,
			"access": map[string]any{"user": map[string]bool{"library": true, "files": true, "notes": true, "write": k.Write}, "groups": groups}})
		return
	}
	m := path.FindStringSubmatch(r.URL.Path)
	if m == nil {
		http.Error(w, "Not found", http.StatusNotFound)
		return
	}
	library, kind, what, key := m[1], m[2], m[4], m[5]
	number, _ := strconv.Atoi(m[3])
	reads, writes := known && kind == "users" && k.User == number, known && kind == "users" && k.User == number && k.Write
	if kind == "groups" {
		write, all := k.Groups[number]
		if !all {
			write, all = k.Groups[0]
		}
		reads, writes = known && all, known && all && write
		if s.groups[number] == "" {
			http.Error(w, "Group does not exist", http.StatusNotFound)
			return
		}
	}
	if !reads || r.Method != http.MethodGet && !writes {
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	}
	w.Header().Set("Last-Modified-Version", strconv.Itoa(s.versions[library]))
	switch {
	case what == "" && kind == "groups" && r.Method == http.MethodGet:
		write(w, map[string]any{"id": number, "data": map[string]any{"id": number, "name": s.groups[number]}})
	case what == "collections" && key == "" && r.Method == http.MethodGet:
		list := []any{}
		for k, name := range s.collections[library] {
			list = append(list, map[string]any{"key": k, "data": map[string]any{"key": k, "name": name}})
		}
		write(w, list)
	case what == "items" && key != "" && r.Method == http.MethodGet:
		it, ok := s.items[library][key]
		if !ok {
			http.Error(w, "Item does not exist", http.StatusNotFound)
			return
		}
		write(w, map[string]any{"key": key, "version": it["version"], "data": it})
	case what == "items" && key == "" && r.Method == http.MethodPost:
		s.put(w, r, library)
	default:
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
	}
}

func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// fields are what a preprint has, by Zotero's schema.
var fields = map[string]bool{}

func init() {
	for f := range strings.FieldsSeq(`key version itemType title creators abstractNote genre repository archiveID place date series
		seriesNumber DOI citationKey url accessDate archive archiveLocation shortTitle language libraryCatalog callNumber rights extra
		tags collections relations dateAdded dateModified`) {
		fields[f] = true
	}
}

// put takes items, each for itself.
func (s *Server) put(w http.ResponseWriter, r *http.Request, library string) {
	var items []map[string]any
	if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&items) != nil {
		http.Error(w, "Invalid JSON", http.StatusBadRequest)
		return
	}
	if len(items) > 50 {
		http.Error(w, "Too many items", http.StatusRequestEntityTooLarge)
		return
	}
	version := s.versions[library] + 1
	success, failed := map[string]string{}, map[string]any{}
	for i, it := range items {
		n := strconv.Itoa(i)
		if code, why := s.wrong(library, it); code != 0 {
			failed[n] = map[string]any{"code": code, "message": why}
			continue
		}
		key, _ := it["key"].(string)
		if s.items[library] == nil {
			s.items[library] = map[string]map[string]any{}
		}
		it["version"] = version
		s.items[library][key], success[n] = it, key
	}
	if len(success) > 0 {
		s.versions[library] = version
	}
	write(w, map[string]any{"success": success, "successful": success, "unchanged": map[string]string{}, "failed": failed})
}

// wrong says why an item is not taken; 0: it is.
func (s *Server) wrong(library string, it map[string]any) (code int, why string) {
	for f := range it {
		if !fields[f] {
			return 400, fmt.Sprintf("Invalid property '%s'", f)
		}
	}
	key, _ := it["key"].(string)
	version, versioned := it["version"].(float64)
	old, there := s.items[library][key]
	switch {
	case it["itemType"] != "preprint":
		return 400, "the fake knows preprints alone"
	case !itemKey.MatchString(key):
		return 400, fmt.Sprintf("'%s' is not a valid item key", key)
	case !versioned:
		return 428, "Item version not provided"
	case there && version != float64(old["version"].(int)):
		return 412, "Item has been modified since specified version"
	case !there && version != 0:
		return 404, "Item does not exist"
	}
	creators, ok := it["creators"].([]any)
	if !ok {
		return 400, "'creators' must be an array"
	}
	for _, c := range creators {
		m, _ := c.(map[string]any)
		name, last := m["name"], m["lastName"]
		if m["creatorType"] != "author" || (name == nil) == (last == nil && m["firstName"] == nil) || name == "" {
			return 400, "creators are authors with a name, or a first and a last one"
		}
	}
	tags, ok := it["tags"].([]any)
	if !ok {
		return 400, "'tags' must be an array"
	}
	for _, t := range tags {
		m, _ := t.(map[string]any)
		if tag, _ := m["tag"].(string); tag == "" {
			return 400, "'tag' must not be empty"
		} else if len([]rune(tag)) > 255 {
			return 413, "Tag too long"
		}
	}
	collections, ok := it["collections"].([]any)
	if !ok {
		return 400, "'collections' must be an array"
	}
	for _, c := range collections {
		if k, _ := c.(string); s.collections[library][k] == "" {
			return 409, fmt.Sprintf("Collection %v not found", c)
		}
	}
	return 0, ""
}
