// Mutants breaks the program on purpose, one small edit at a time, and says
// which breaks the tests of the broken package do not notice.
//
// In: the table of breaks (breaks.go). Out: a line for each, and exit status 1
// when one survived, when one does not compile, or when the tests fail without
// any. What each break breaks stands in docs/promises.md.
//
// Tests that read the recorded data skip where those are missing; a break that
// only they notice survives there.
//
// The tree is not touched: the edited file is laid over it (go's -overlay), so
// that all share one build cache, and nothing is left behind when it is ended.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := flag.String("run", "", "only the breaks whose name or file matches")
	jobs := flag.Int("j", runtime.NumCPU(), "how many at the same time")
	flag.Parse()
	wanted, err := regexp.Compile(*run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	var chosen []Break
	for _, b := range breaks {
		if wanted.MatchString(b.Name) || wanted.MatchString(b.File) {
			chosen = append(chosen, b)
		}
	}
	survived := try(ctx, chosen, *jobs)
	switch {
	case ctx.Err() != nil:
		fmt.Println("interrupted")
	case survived > 0:
		fmt.Printf("%d of %d breaks were not noticed\n", survived, len(chosen))
	default:
		fmt.Printf("%d breaks, each noticed by its own package\n", len(chosen))
		return
	}
	os.Exit(1)
}

// try says how many of the breaks were not noticed.
func try(ctx context.Context, chosen []Break, jobs int) (survived int) {
	dir, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.RemoveAll(dir)

	// A test that fails anyway notices nothing. Go remembers what passed.
	tests := map[string]*sync.Mutex{}
	sound := map[string]error{}
	for _, b := range chosen {
		tests[b.pkg()+" "+b.Run] = &sync.Mutex{}
	}
	var mu sync.Mutex
	unbroken := func(b Break) error {
		key := b.pkg() + " " + b.Run
		tests[key].Lock()
		defer tests[key].Unlock()
		mu.Lock()
		err, known := sound[key]
		mu.Unlock()
		if known {
			return err
		}
		out, err := exec.CommandContext(ctx, "go", "test", "-tags", "sqlite_fts5", "-vet=off", "-run", b.Run, b.pkg()).CombinedOutput()
		switch {
		case err != nil:
			err = fmt.Errorf("fails unbroken: %s", firstFailure(out))
		case bytes.Contains(out, []byte("no tests to run")), bytes.Contains(out, []byte("no test files")):
			err = fmt.Errorf("has no test that matches %q", b.Run)
		}
		mu.Lock()
		sound[key] = err
		mu.Unlock()
		return err
	}

	var all sync.WaitGroup
	places := make(chan struct{}, max(1, jobs))
	for i, b := range chosen {
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			if ctx.Err() != nil {
				return
			}
			begin := time.Now()
			noticed, err := "", unbroken(b)
			if err == nil {
				noticed, err = b.try(ctx, filepath.Join(dir, fmt.Sprint(i)))
			}
			if ctx.Err() != nil {
				return
			}
			word := "killed by " + noticed
			switch {
			case err != nil:
				word = "ERROR " + err.Error()
			case noticed == "":
				word = "SURVIVED"
			}
			mu.Lock()
			defer mu.Unlock()
			if noticed == "" {
				survived++
			}
			fmt.Printf("%5.1fs  %-16s %-28s %s\n", time.Since(begin).Seconds(), strings.TrimPrefix(b.pkg(), "./"), b.Name, word)
		})
	}
	all.Wait()
	return survived
}

// try breaks, runs the tests and gives the first that failed, "" for none.
func (b Break) try(ctx context.Context, dir string) (noticed string, err error) {
	broken, err := b.broken(".")
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	file, err := filepath.Abs(b.File)
	if err != nil {
		return "", err
	}
	replaced := filepath.Join(dir, filepath.Base(b.File))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: replaced}})
	if err != nil {
		return "", err
	}
	for name, content := range map[string][]byte{replaced: broken, filepath.Join(dir, "overlay.json"): overlay} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return "", err
		}
	}

	// What does not compile was not noticed by a test.
	binary := filepath.Join(dir, "broken.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-ldflags=-s -w", "-o", binary, "-tags", "sqlite_fts5", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), b.pkg())
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("does not compile: %s", bytes.TrimSpace(out))
	}
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	test := exec.CommandContext(ctx, binary, "-test.timeout=60s", "-test.failfast", "-test.run="+b.Run)
	test.Dir = b.pkg()
	if out, err := test.CombinedOutput(); err != nil {
		return firstFailure(out), nil
	}
	return "", nil
}

// broken is the file with the edit.
func (b Break) broken(root string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(root, b.File))
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(content, []byte(b.Old)); n != 1 {
		return nil, fmt.Errorf("%q stands %d times in %s, not once", b.Old, n, b.File)
	}
	return bytes.Replace(content, []byte(b.Old), []byte(b.New), 1), nil
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)|^(panic: .*)`)

func firstFailure(out []byte) string {
	if m := failed.FindSubmatch(out); m != nil {
		return string(m[1]) + string(m[2])
	}
	return strings.TrimSpace(string(out[max(0, len(out)-300):]))
}
