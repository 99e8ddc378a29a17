package topic

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhichNamesMayHaveBeenMeant(t *testing.T) {
	for typed, want := range map[string][]Meant{
		"author:Song Han":             {{"Song Han", `author:"Song Han"`}},
		"lora author:Song Han cat:cs": {{"Song Han", `lora author:"Song Han" cat:cs`}},
		"-author:Song Han x":          {{"Song Han", `-author:"Song Han" x`}},
		"author:michael I. Jordan":    {{"michael I. Jordan", `author:"michael I. Jordan"`}, {"michael I.", `author:"michael I." Jordan`}},
		"author:Song Han, Lamps":      {{"Song Han", `author:"Song Han", Lamps`}},
		"author:Doe, Jane, lamps":     {{"Doe, Jane", `author:"Doe, Jane", lamps`}},
		"author:Song Han | lamps":     {{"Song Han", `author:"Song Han" | lamps`}},
		"AUTHOR:Song Han":             {{"Song Han", `AUTHOR:"Song Han"`}},
		"author:A B C D E":            {{"A B C D", `author:"A B C D" E`}, {"A B C", `author:"A B C" D E`}, {"A B", `author:"A B" C D E`}},
		"author:song han":             nil, "author:Song": nil, "author:Song -Han": nil, "author:Song* Han": nil, `author:"Song" Han`: nil, "author: Song Han": nil,
		"author:Song title:Han": nil, `author:Song "Han"`: nil, "author:Song Han*": nil, "author:Song | Han": nil, "title:Song Han": nil, `author:"Song`: nil, "": nil,
	} {
		if diff := cmp.Diff(want, NamesMeant(typed)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", typed, diff)
		}
	}
}
