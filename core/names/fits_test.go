package names

import (
	"slices"
	"testing"
)

// fits says whether a query finds a name.
func fits(query, name string) bool {
	keys := Keys(name)
	return slices.ContainsFunc(Wanted(Words(query)), func(w string) bool { return slices.Contains(keys, w) })
}

func TestWhoIsFoundByWhichName(t *testing.T) {
	for _, c := range []struct {
		name     string
		found    []string
		notFound []string
	}{
		{"Michael I. Jordan",
			[]string{"Michael Jordan", "michael i jordan", "M. Jordan", "M. I. Jordan", "M.I. Jordan", "M I Jordan", "Michael Irwin Jordan", "M. Irwin Jordan", "Jordan, Michael", "Jordan, M. I.", "jordan", "Michael", "Dr. Michael Jordan", "Michael Jordan, PhD", "Michael Jordan Jr.", "MICHAEL JORDAN", "Jordan MI"},
			[]string{"Michael B. Jordan", "Michelle Jordan", "Jordan Michael", "Michael Jordans", "Jord", "I. Jordan", "Michael Irwin", "M. B. Jordan", "Mike Jordan", "Michael Peter Jordan"}},
		{"Michael Jordan", []string{"Michael I. Jordan", "Michael Irwin Jordan", "M. Jordan", "M. I. Jordan"}, []string{"Mi Jordan", "N. Jordan"}},
		{"M. I. Jordan", []string{"Michael Jordan", "Michael Irwin Jordan", "Max Jordan", "M. Jordan", "M Jordan"}, []string{"Michael Peter Jordan", "Irwin Jordan"}},
		{"Dan Jurafsky", []string{"D. Jurafsky", "D Jurafsky", "Dan Jurafsky", "Jurafsky, D.", "Jurafsky, Dan"}, []string{"Daniel Jurafsky", "E. Jurafsky"}},
		{"Christopher D. Manning", []string{"Christopher Manning", "Christopher D. Manning", "C. Manning", "C. D. Manning"}, []string{"Christopher X. Manning"}},
		{"Jane Doe", []string{"J. Doe", "Doe, J.", "Doe, Jane"}, []string{"Doe Jane", "Jane", "Jan Doe"}[:1]},
		{"Song Han", []string{"Song Han", "S. Han", "Han, Song"}, []string{"Han Song", "Song Hang"}},
		{"J. R. R. Tolkien", []string{"John Ronald Reuel Tolkien", "John Tolkien", "J. Tolkien", "John R. Tolkien", "J.R.R. Tolkien", "JRR Tolkien"}[:5], []string{"J. K. R. Tolkien", "Ronald Tolkien"}},
		{"John Ronald Reuel Tolkien", []string{"J. R. R. Tolkien", "J. R. Tolkien", "John R. R. Tolkien", "John Tolkien"}, []string{"J. K. Tolkien"}},

		// Umlauts, both ways.
		{"Jürgen Schmidhuber", []string{"Juergen Schmidhuber", "Jurgen Schmidhuber", "J. Schmidhuber", "juergen", "jurgen", "JÜRGEN SCHMIDHUBER", `J\"urgen Schmidhuber`}, []string{"Jrgen Schmidhuber"}},
		{"Juergen Schmidhuber", []string{"Jürgen Schmidhuber", "Jurgen Schmidhuber", "jürgen"}, nil},
		{"Jurgen Schmidhuber", []string{"Jürgen Schmidhuber", "Juergen Schmidhuber"}, nil},
		{"Anna Jäger", []string{"Anna Jaeger", "Anna Jager", "A. Jaeger"}, nil},
		{"Anna Jaeger", []string{"Anna Jäger"}, nil},
		{"Karl Weiß", []string{"Karl Weiss"}, nil},
		{"Karl Weiss", []string{"Karl Weiß"}, nil},
		{"Søren Kierkegaard", []string{"Soren Kierkegaard", "Soeren Kierkegaard"}, nil},
		{"Soeren Kierkegaard", []string{"Søren Kierkegaard"}, nil},
		{"Håkon Ås", []string{"Haakon Aas", "Hakon As"}, nil},
		{"Łukasz Kaiser", []string{"Lukasz Kaiser", "Ł. Kaiser"}, nil},
		{"Lingzhou Xue", []string{"Lingzhou Xue"}, []string{"Lingzhou Xu"}},
		{"Michael Kohl", []string{"Michael Kohl"}, []string{"Michal Kohl"}},
		{"Simon Joel", nil, []string{"Simon Jol"}},
		{"José García", []string{"Jose Garcia", "J. Garcia"}, nil},

		// Hyphens and apostrophes.
		{"Flannery O'Connor", []string{"Flannery OConnor", "Flannery O’Connor", "F. O'Connor", "oconnor", "o'connor", "connor", "Flannery O Connor", "O Connor"}, []string{"Oscar Connor"}},
		{"Flannery OConnor", []string{"Flannery O'Connor", "O’Connor"}, nil},
		{"Jean-Pierre Dupont", []string{"Jean Pierre Dupont", "Jeanpierre Dupont", "J.-P. Dupont", "J. P. Dupont", "J. Dupont", "Jean–Pierre Dupont"}, []string{"Jean Dupont", "J. K. Dupont"}},
		{"Jean Pierre Dupont", []string{"Jean-Pierre Dupont", "Jean P. Dupont", "Jean Dupont"}, nil},
		{"J.-P. Dupont", []string{"Jean-Pierre Dupont", "Jean Dupont"}, []string{"Jean-Luc Dupont"}},
		{"Wei-Lin Chen", []string{"Weilin Chen", "Wei Lin Chen", "W. Chen", "W. L. Chen", "wei-lin", "weilin"}, []string{"Wei Chen", "Wei Lin", "W. K. Chen", "Wei-Lun Chen"}},
		{"Weilin Chen", []string{"Wei-Lin Chen", "Wei Lin Chen", "W.-L. Chen"}, []string{"Wei Chen", "Wei Lin"}},
		{"Wei Lin Chen", []string{"Wei-Lin Chen", "Weilin Chen", "Wei Chen"}, nil},
		{"Ana Smith-Jones", []string{"Ana Smith Jones", "Ana Smithjones", "A. Smith-Jones", "smith-jones", "jones"}, nil},
		{"Ana Smith Jones", []string{"Ana Smith-Jones", "Ana Jones", "Smith Jones"}, []string{"Ana Smith"}},
		{"Yejin Choi", []string{"Ye-jin Choi", "Ye-Jin Choi", "Ye Jin Choi"}, nil},

		// Particles.
		{"Aäron van den Oord", []string{"Aaron van den Oord", "A. van den Oord", "van den Oord", "Aaron Oord", "oord", "Oord, Aaron van den", "van den Oord, Aäron", "Aaron Van den Oord"}, []string{"Aaron van Oord"}},
		{"Luc Van Gool", []string{"Luc van Gool", "L. Van Gool", "Van Gool", "VanGool", "Luc VanGool", "Luc Gool"}, []string{"Luc Goal"}},
		{"Wil M. P. van der Aalst", []string{"Wil van der Aalst", "W. van der Aalst", "W. M. P. van der Aalst", "Wil Aalst"}, []string{"W. K. van der Aalst"}},
		{"Kiet Van Nguyen", []string{"Kiet Nguyen", "Kiet Van Nguyen", "K. V. Nguyen", "kiet van nguyen"}, nil},
		{"Juan de la Cruz", []string{"Juan de la Cruz", "J. de la Cruz", "de la Cruz", "Juan Cruz"}, nil},
		{"Ahmad Al-Hamadi", []string{"Ahmad Al Hamadi", "A. Al-Hamadi", "Ahmad Alhamadi", "al-hamadi", "hamadi"}, nil},
		{"Toby St. Clere", []string{"Toby St Clere", "Toby St. Clere", "T. St. Clere"}, nil},
		{"Ben Carter", []string{"Ben Carter", "B. Carter"}, nil},
		{"José García Hernández", []string{"José Hernández", "J. G. Hernández", "García Hernández", "José García-Hernández", "Jose Garcia Hernandez"}, nil},
		{"García Hernández, José", []string{"José García Hernández", "J. García Hernández", "García Hernández"}, nil},

		// Suffixes, other orders, other scripts.
		{"Robert W. Heath Jr.", []string{"Robert Heath", "Robert W. Heath", "R. W. Heath Jr.", "Robert Heath, Jr.", "Heath, Jr., Robert W.", "Heath Jr", "heath"}, []string{"Robert Jr"}},
		{"Robert Heath", []string{"Robert Heath Jr.", "Robert W. Heath III"}, nil},
		{"Doe JA", []string{"Jane Doe", "J. A. Doe", "J. Doe", "Doe JA", "doe ja", "Jane Anne Doe"}, []string{"Karl Doe"}},
		{"Akhil V", []string{"Akhil V", "akhil v", "V. Akhil", "Venkat Akhil"}, nil},
		{"WANG Wei", []string{"Wei Wang", "W. Wang", "wang wei"}, nil},
		{"李 明", []string{"李明", "李 明"}, []string{"李"}},
		{"李明", []string{"李 明", "李明"}, nil},
		{"Иван Петров", []string{"И. Петров", "Петров, Иван", "петров"}, nil},
		{"QianyuXu", []string{"Qianyu Xu"}, nil},
		{`John "Four" Flynn`, []string{"John Flynn", "J. Flynn"}, nil},

		// Organisations: whole, or any part that is longer than a word.
		{"Tencent Robotics X", []string{"Tencent Robotics X", "Tencent Robotics", "Robotics X", "tencent"}, []string{"Tencent X", "T. X"}},
		{"Meta AI", []string{"Meta AI", "meta ai"}, []string{"M. AI", "Meta Research AI"}},
		{"DeepSeek-AI", []string{"DeepSeek AI", "DeepSeekAI", "deepseek-ai", "DeepSeek"}, nil},
		{"OpenAI", []string{"Open AI", "openai"}, nil},
		{"Open AI", []string{"OpenAI"}, nil},
		{"Qwen Team", []string{"Qwen Team", "qwen"}, []string{"Q. Team"}},
	} {
		for _, q := range c.found {
			if !fits(q, c.name) {
				t.Errorf("%q does not find %q: wants %q of %q", q, c.name, Wanted(Words(q)), Keys(c.name))
			}
		}
		for _, q := range c.notFound {
			if fits(q, c.name) {
				t.Errorf("%q finds %q", q, c.name)
			}
		}
	}
}
