package folder_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paperboy/adapters/folder"
	"paperboy/core"
	"paperboy/core/say"
)

func view() core.View {
	return core.View{
		ID: "2509.24002", URL: "https://arxiv.org/abs/2509.24002", PDF: "https://arxiv.org/pdf/2509.24002", Title: "Lamps: A Light", Authors: "Ana Doe, Ben Roe",
		Facts: []string{"cs.CV", "code ★312"}, Code: "https://github.com/a/b", Excerpt: "We light lamps.", Matched: say.Say("matched *lamps*"), Tags: []string{"lamps"},
	}
}

func post(v core.View) core.Post {
	return core.Post{Key: "1/" + string(v.ID), Channel: folder.Key("reading"), Card: core.Card{Papers: []core.View{v}}}
}

const note = `---
title: "Lamps: A Light"
authors: "Ana Doe, Ben Roe"
id: "2509.24002"
url: "https://arxiv.org/abs/2509.24002"
pdf: "https://arxiv.org/pdf/2509.24002"
code: "https://github.com/a/b"
topics: ["lamps"]
---
# [Lamps: A Light](https://arxiv.org/abs/2509.24002)

Ana Doe, Ben Roe · cs.CV · code ★312 · matched lamps

> We light lamps.

%% Paperboy writes above this line; what stands below is yours. %%
`

func TestANoteIsWrittenOnceAndItsOwnersWordsStay(t *testing.T) {
	dir := t.TempDir()
	f := folder.New(map[string]string{"reading": dir})
	name := filepath.Join(dir, "2509.24002.md")
	is := func(what, want string) {
		t.Helper()
		got, err := os.ReadFile(name)
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s\nwanted\n%s", what, err, got, want)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
			t.Errorf("%s: %v %v", what, files, err)
		}
	}
	ctx := context.Background()
	ref, err := f.Post(ctx, post(view()))
	if err != nil || ref.ID != "2509.24002.md" {
		t.Fatal(ref, err)
	}
	is("a note", note)
	for range 2 { // as after a crash
		if _, found, err := f.Find(ctx, post(view())); found || err != nil {
			t.Error(found, err)
		}
		if _, err := f.Post(ctx, post(view())); err != nil {
			t.Error(err)
		}
	}
	is("the same again", note)

	const mine = "\nFor Friday. [[Lamps]]\n"
	if err := os.WriteFile(name, []byte(note+mine), 0o644); err != nil {
		t.Fatal(err)
	}
	newer := view()
	newer.Labels, newer.Struck = []string{"withdrawn"}, true
	if err := f.Edit(ctx, post(newer), ref); err != nil {
		t.Error(err)
	}
	is("withdrawn", strings.Replace(strings.Replace(note, "topics:", "labels: [\"withdrawn\"]\ntopics:", 1), "312 ·", "312 · withdrawn ·", 1)+mine)

	if err := os.WriteFile(name, []byte(mine), 0o644); err != nil { // our part is gone, or it never was ours
		t.Fatal(err)
	}
	if _, err := f.Post(ctx, post(view())); err != nil {
		t.Error(err)
	}
	is("somebody's own note", note+mine)

	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := f.Edit(ctx, post(view()), ref); !core.Is[*core.Gone](err) {
		t.Errorf("a note that was taken away comes again: %v", err)
	}
}

func TestWhatAFolderCannotTake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vault")
	f := folder.New(map[string]string{"reading": dir})
	_, err := f.Post(t.Context(), post(view()))
	if !core.Is[*core.Refused](err) || !strings.Contains(err.Error(), "make it") {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it was made")
	}
	if err := os.WriteFile(dir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Post(t.Context(), post(view())); !core.Is[*core.Retry](err) {
		t.Errorf("a file in its place: %v", err)
	}
	p := post(view())
	p.Channel = folder.Key("elsewhere")
	if _, err := f.Post(t.Context(), p); !core.Is[*core.Gone](err) {
		t.Errorf("a folder that is named no more: %v", err)
	}
}

// Titles, names and addresses are other people's.
func TestStrangersFormatNothingInANote(t *testing.T) {
	dir := t.TempDir()
	f := folder.New(map[string]string{"reading": dir})
	v := view()
	v.ID = "feed:../../etc/passwd"
	v.Title = "x\"\n---\n[[link]] ![[embed]] ==light== %%gone%% <script> `= dv` #tag key:: value | a"
	v.Authors, v.Excerpt, v.URL, v.Code = "- list", "1. one\n# two", "javascript:alert(1)", "https://x/)\n\n# y"
	v.Facts = nil
	ref, err := f.Post(t.Context(), post(v))
	if err != nil || ref.ID != "feed-..-..-etc-passwd.md" {
		t.Fatal(ref, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, ref.ID))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(got), "\n---\n")
	if !ok {
		t.Fatalf("%s", got)
	}
	want := "# x\" --- \\[\\[link\\]\\] \\!\\[\\[embed\\]\\] =\\=light=\\= %\\%gone%\\% \\<script\\> \\`= dv\\` \\#tag key:\\: value \\| a\n\n" +
		"\\- list · matched lamps\n\n> 1\\. one \\# two\n\n%% Paperboy writes above this line; what stands below is yours. %%\n"
	if rest != want {
		t.Errorf("got\n%s\nwanted\n%s", rest, want)
	}
}
