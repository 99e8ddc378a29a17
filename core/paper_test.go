package core_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"paperboy/core"
	"paperboy/internal/recordings"
)

func TestCodeLinksAreFoundInProse(t *testing.T) {
	for prose, want := range map[string]string{
		"":                                                             "",
		"No code, see github.com.":                                     "",
		"Code: https://github.com/a/b.":                                "https://github.com/a/b",
		"(https://github.com/a/b)":                                     "https://github.com/a/b",
		"at \\url{https://github.com/a/b}.":                            "https://github.com/a/b",
		"https://github.com/a/b_c-d.e, and more":                       "https://github.com/a/b_c-d.e",
		"HTTP://WWW.GitHub.com/A/B;":                                   "HTTP://WWW.GitHub.com/A/B",
		"https://gitlab.com/g/p/-/tree/main":                           "https://gitlab.com/g/p/-/tree/main",
		"https://bitbucket.org/x/y!":                                   "https://bitbucket.org/x/y",
		"https://codeberg.org/x/y?":                                    "https://codeberg.org/x/y",
		"https://gitee.com/x/y":                                        "https://gitee.com/x/y",
		"see <https://github.com/a/b>":                                 "https://github.com/a/b",
		"`https://github.com/a/b`":                                     "https://github.com/a/b",
		"page https://a.github.io/ and https://github.com/a/b.":        "https://github.com/a/b",
		"https://notgithub.com/a/b":                                    "",
		"https://github.com.evil.example/a":                            "",
		"https://github.com/":                                          "",
		"https://evil.example/https://github.com/a/b":                  "https://github.com/a/b",
		"two: https://github.com/a/b and https://github.com/c/d":       "https://github.com/a/b",
		"a footnote https://github.com/a/b\u201d and https://x.org/":   "https://github.com/a/b",
		"Chinese full stop https://github.com/a/b\u3002":               "https://github.com/a/b",
		"https://github.com/a/b{}":                                     "https://github.com/a/b",
		"https://github.com/a/b\\footnote{x}":                          "https://github.com/a/b",
		"https://github.com/a/b'":                                      "https://github.com/a/b",
		"https://github.com/a/b]":                                      "https://github.com/a/b",
		"https://github.com/a/b\u00a0next":                             "https://github.com/a/b",
		"https://huggingface.co/a is no code host but https://x.org/y": "",
	} {
		if got := core.CodeLink(prose); got != want {
			t.Errorf("%q: %q, want %q", prose, got, want)
		}
	}
}

func TestSevenPapersOfThePageHaveCode(t *testing.T) {
	f, err := os.Open(recordings.File(t, "seed_page.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	papers, code := 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); papers++ {
		var p core.Paper
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.Code = core.CodeLink(p.Abstract); p.Code != "" {
			code++
			if last := p.Code[len(p.Code)-1]; last == '.' || last == ')' {
				t.Errorf("prose is glued to %s", p.Code)
			}
		}
	}
	if papers != 33 || code != 7 {
		t.Errorf("%d of %d papers have code, want 7 of 33", code, papers)
	}
}

func TestCleanCollapsesWhatSourcesWrap(t *testing.T) {
	p := core.Paper{Title: " Large\n  Models\t", Abstract: "  We learn.\nAt https://github.com/a/b.\n", Authors: []string{" Ana  B. ", "", " \n"}}
	p.Clean()
	want := core.Paper{Title: "Large Models", Abstract: "We learn. At https://github.com/a/b.", Authors: []string{"Ana B."}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
