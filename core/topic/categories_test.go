package topic

import (
	"strings"
	"testing"
)

func TestASearchIsNotStoppedByPunctuation(t *testing.T) {
	for typed, want := range map[string]string{
		"NLP & vision / speech: a survey": "nlp vision speech a survey",
		"attention (is all you need)":     "attention is all you need",
		"GPT: what is it? (a study) [v2]": "gpt what is it a study v2",
		"lamps – a survey":                "lamp a survey",
		"lamps --- a survey!":             "lamp a survey",
		"speech:a survey":                 "speech a survey",
		"🔥 diffusion …":                   "diffusion",
		"x)( ~ y":                         "x y",
		"&- x":                            "x",
		"soup, lamps; agents.":            "soup lamp agent",
		"a & b -video":                    "a b -video", // nor beside an operator
		`what is "attention" (and why)?`:  `what is attention and why`,
		`"b & c" & d`:                     `"b c" d`,
		"Soup (of lamps): why?":           "soup of lamp why",
		"10:30":                           `"10 30"`,
		"lamps - survey":                  "lamp survey",
		"Title: A* search":                "title a* search",
		"lamp cat:cs.CV & soup":           "lamp cat:cs.CV soup",
	} {
		got, err := ParseSearch(typed)
		if err != nil || got.String() != want {
			t.Errorf("%q is read as %q: %v", typed, got, err)
		}
		if _, err := Parse(typed); err == nil && typed != "10:30" && !strings.HasPrefix(typed, "soup") {
			t.Errorf("%q can be followed: what is followed is exact", typed)
		}
	}
	// Operators mean what they mean, and what was meant as one is not guessed at.
	for typed, want := range map[string]string{
		"diffusion -":         "A minus needs a word right after it",
		"diffusion - -survey": "A minus needs a word right after it",
		"\"stable":            "A quote is missing",
		"(bert | gpt) lora":   "`bert lora | gpt lora`",
		"auther:Jane & Doe":   "Did you mean `author:Jane`",
		"title: soup":         "right after the colon",
		"a | ":                "needs a word after it",
		"??? …":               "There is no word to look for",
		"fo*o & x":            "A `*` stands only at the end",
	} {
		if got, err := ParseSearch(typed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is read as %q: %v", typed, got, err)
		}
	}
}

func TestPlainWordsAreReadAsTheyStand(t *testing.T) {
	long := strings.Repeat("lamps of *brass* say \"soup\" - so: ", 12)
	for typed, want := range map[string]string{
		"Model Compression & Efficiency":   "model compression efficiency",
		"Safety: jailbreaks (text/image)":  "safety jailbreak text image",
		"text-to-image generation":         "text to image generation",
		"vision:language RL":               "vision language rl",
		"A* search - a survey":             "a* search a survey",
		`pose cat:cs.CV author:"Song Han"`: "pose",
		"one two three four five six seven eight nine ten eleven twelve thirteen": "one two three four five six seven eight nine ten eleven twelve thirteen",
		"Title: lamps": "title lamp",
		long:           strings.Repeat("lamp of brass say soup so ", 12),
		// With an operator it is exact.
		`"stable diffusion" models`: "", "lamps -soup": "", "diffus* soup": "", "lamps | soup": "", "cat:cs.CV": "", "by:Hinton lamps": "",
		strings.Repeat("lamps | soup ", 20): "", "": "", "&": "",
	} {
		if got := strings.Join(Plain(typed), " "); got != strings.TrimSpace(want) {
			t.Errorf("%q has the plain words %q", typed, got)
		}
		if read, err := ParseSearch(typed); want != "" && (err != nil || len(read.Clauses) != 1) {
			t.Errorf("%q: %v, %v", typed, read, err)
		}
	}
	read, err := ParseSearch(`pose cat:cs.CV author:"Song Han"`)
	if err != nil || read.String() != `pose cat:cs.CV author:"song han"` {
		t.Errorf("%v, %v", read, err)
	}
	if n := len(Plain(strings.Repeat("soup ", 5000))); n != MaxSearch/5 {
		t.Errorf("%d words of 25,000 characters", n)
	}
}

func TestACategoryThatIsNoneIsAnsweredWithTheNearest(t *testing.T) {
	for typed, want := range map[string]string{
		"cs.ZZ": "`cs.*`", "nlp": "`cs.CL`", "vision": "`cs.CV`", "cs.vision": "`cs.CV`", "csCL": "`cs.CL`", "cs-cl": "`cs.CL`", "LG": "`cs.LG`",
		"stat.LG": "`cs.LG`", "physics.quant-ph": "`quant-ph`", "machine learning": "`cs.LG`", "machine_learning": "`cs.LG`", "cs.CVV": "`cs.CV`", "quantph": "`quant-ph`",
		"hep-pp": "`hep-ph`", "cond-mat.soff": "`cond-mat.soft`", "robotics": "`cs.RO`", "cs.LQ": "`cs.LG`", "astrophysics": "`astro-ph.*`",
		"biology": "`q-bio.*`", "css.LG": "`cs.LG`", "css.XX": "`cs.*`", "physics.flu": "`physics.flu-dyn`", "mat.AG": "`math.AG`", "foo": "look like `cs.CV`", "xx.yy": "look like `cs.CV`",
		"?": "look like `cs.CV`", "": "look like `cs.CV`", "*.CV": "`cs.CV`", "数学": "look like `cs.CV`",
	} {
		got := NoCategory(typed).String()
		if _, near, _ := strings.Cut(got, "is no category."); !strings.HasPrefix(strings.TrimPrefix(near, " Did you mean "), want) && !strings.Contains(near, want) || strings.HasPrefix(want, "`") && !strings.HasPrefix(near, " Did you mean "+want) {
			t.Errorf("%q: %s", typed, got)
		}
	}
}

func TestSeveralCategoriesAreWrittenAsChoices(t *testing.T) {
	if _, err := Parse("lamps cat:cs.LG,cs.CL"); err == nil || !strings.Contains(err.Error(), "Write `cat:cs.LG | cat:cs.CL`.") {
		t.Errorf("%v", err)
	}
}

func TestCategoriesAreKnownWithTheirNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Categories {
		if seen[c.ID] || c.Name == "" {
			t.Errorf("%+v stands twice or has no name", c)
		}
		seen[c.ID] = true
		read, err := Parse("cat:" + strings.ToUpper(c.ID))
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		for _, v := range read.Named(Cat) {
			if v != c.ID && v != c.ID+".*" || !CategoryKnown(v) && c.ID != "q-bio" {
				t.Errorf("%s is read as %s", c.ID, v)
			}
		}
	}
	for _, pattern := range []string{"cs.*", "cs.c*", "*", "hep-*", "CS.ai", "physics.*", "q-bio.*"} {
		if !CategoryKnown(pattern) {
			t.Errorf("%s finds nothing", pattern)
		}
	}
	for _, pattern := range []string{"cs.ZZ", "cs.z*", "xx.*", "cs", ""} {
		if CategoryKnown(pattern) {
			t.Errorf("%s is known", pattern)
		}
	}
}
