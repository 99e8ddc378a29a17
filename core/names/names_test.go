package names

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func person(given, family string) Name { return Name{Given: given, Family: family} }

func TestTheShapesOfNames(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Name
	}{
		{"Edward J. Hu", person("Edward J.", "Hu")},
		{"Doe, Jane", person("Jane", "Doe")},
		{"Jane  \n Doe", person("Jane", "Doe")},
		{"Madonna", Name{Literal: "Madonna"}},
		{"", Name{}},
		{":", Name{}},

		// Suffixes, in every place where they are written.
		{"Alan Beta III", Name{Given: "Alan", Family: "Beta", Suffix: "III"}},
		{"Carl D. Epsilon Jr.", Name{Given: "Carl D.", Family: "Epsilon", Suffix: "Jr."}},
		{"Carl Epsilon Jr", Name{Given: "Carl", Family: "Epsilon", Suffix: "Jr"}},
		{"Pouya Sohrabipour Sr", Name{Given: "Pouya", Family: "Sohrabipour", Suffix: "Sr"}},
		{"Fay Gamma, Jr.", Name{Given: "Fay", Family: "Gamma", Suffix: "Jr."}},
		{"Gamma, Jr., Fay", Name{Given: "Fay", Family: "Gamma", Suffix: "Jr."}},
		{"Gamma, Fay, III", Name{Given: "Fay", Family: "Gamma", Suffix: "III"}},
		{"King Jr., Martin Luther", Name{Given: "Martin Luther", Family: "King", Suffix: "Jr."}},
		{"Luc van Gamma, Jr.", Name{Given: "Luc", Particle: "van", Family: "Gamma", Suffix: "Jr."}},
		{"Paulo F. Silva Filho", person("Paulo F.", "Silva Filho")},
		{"Afrânio José de Melo Junior", Name{Given: "Afrânio José", Particle: "de", Family: "Melo Junior"}},
		{"Eduardo B. Neto", person("Eduardo B.", "Neto")},
		{"Ulisses Braga-Neto", person("Ulisses", "Braga-Neto")},
		{"Venktesh V", person("V.", "Venktesh")}, // no fifth of his name

		// Titles and degrees.
		{"Dr. Jane Doe", person("Jane", "Doe")},
		{"Prof. Dr. Jane Doe", person("Jane", "Doe")},
		{"Sir Tim Berners-Lee", person("Tim", "Berners-Lee")},
		{"Jane Doe, PhD", person("Jane", "Doe")},
		{"Jane Doe, M.D., Ph.D.", person("Jane", "Doe")},
		{"Jane Doe PhD", person("Jane", "Doe")},
		{"Doe, Jane, MD PhD", person("Jane", "Doe")},
		{"Jane Doe, MA", person("Jane", "Doe")},
		{"Mingxiao MA", person("Mingxiao", "MA")}, // a family
		{"MD Hanif Sikder", person("MD Hanif", "Sikder")},
		{"Dr. Seuss", person("Dr.", "Seuss")}, // nothing else is left

		// Particles.
		{"Aäron van den Oord", Name{Given: "Aäron", Particle: "van den", Family: "Oord"}},
		{"van den Oord, Aäron", Name{Given: "Aäron", Particle: "van den", Family: "Oord"}},
		{"Oord, Aäron van den", Name{Given: "Aäron", Particle: "van den", Family: "Oord"}},
		{"van den Oord", Name{Particle: "van den", Family: "Oord"}},
		{"Jan van Ho", Name{Given: "Jan", Particle: "van", Family: "Ho"}},
		{"Ursula von der Leyen", Name{Given: "Ursula", Particle: "von der", Family: "Leyen"}},
		{"Rixta A. H. van Eijck van Heslinga", Name{Given: "Rixta A. H.", Particle: "van", Family: "Eijck van Heslinga"}},
		{"Juan de la Cruz", Name{Given: "Juan", Particle: "de la", Family: "Cruz"}},
		{"Eduardo de la Cruz Fernández", Name{Given: "Eduardo", Particle: "de la", Family: "Cruz Fernández"}},
		{"Maria de Lourdes M. Silva", person("Maria de Lourdes M.", "Silva")},
		{"Luc Van Gool", person("Luc", "Van Gool")},
		{"Hildegarde Van den Bulck", person("Hildegarde", "Van den Bulck")},
		{"Kiet Van Nguyen", person("Kiet Van", "Nguyen")},
		{"Jubayer Ibn Hamid", person("Jubayer", "Ibn Hamid")},
		{"Mohammed bin Rashid", Name{Given: "Mohammed", Particle: "bin", Family: "Rashid"}},
		{"Ali Al-Hamadi", person("Ali", "Al-Hamadi")},
		{"Toby St. Clere Smithe", person("Toby", "St. Clere Smithe")},
		{"Ben Carter", person("Ben", "Carter")},
		{"Jean d'Alembert", person("Jean", "d'Alembert")},
		{"Flannery O'Connor", person("Flannery", "O'Connor")},
		{"Daniel Guerreiro e Silva", person("Daniel", "Guerreiro e Silva")},
		{"Robert E Lee", person("Robert E", "Lee")},

		// Families of two words, where the source says so.
		{"José García Hernández", person("José García", "Hernández")},
		{"García Hernández, José", person("José", "García Hernández")},
		{"Hongzhan lin", person("Hongzhan", "lin")},

		// Initials.
		{"J.R.R. Tolkien", person("J.R.R.", "Tolkien")},
		{"J.R.R.Tolkien", person("J.R.R.", "Tolkien")},
		{"J.Doe", person("J.", "Doe")},
		{"S M Ragib Islam", person("S M Ragib", "Islam")},
		{"C. -C. Jay Kuo", person("C.-C. Jay", "Kuo")},
		{"Jean-Pierre Dupont", person("Jean-Pierre", "Dupont")},
		{"Doe JA", person("J. A.", "Doe")},
		{"van der Berg JA", Name{Given: "J. A.", Particle: "van der", Family: "Berg"}},
		{"Santosh T. Y. S. S", person("T. Y. S. S.", "Santosh")},
		{"Ana B.", person("Ana", "B.")},
		{"Weinan E", person("Weinan", "E")},
		{"Zheqi DAI", person("Zheqi", "DAI")},
		{"Frédéric LIN", person("Frédéric", "LIN")},
		{"WANG Wei", person("Wei", "WANG")},
		{"JANE DOE", person("JANE", "DOE")},

		// Organisations and teams.
		{"Meta AI", Name{Literal: "Meta AI"}},
		{"Tencent Robotics X", Name{Literal: "Tencent Robotics X"}},
		{"HY Vision Team", Name{Literal: "HY Vision Team"}},
		{"Team Seedance", Name{Literal: "Team Seedance"}},
		{"Mind Lab", Name{Literal: "Mind Lab"}},
		{"ByteDance Seed", Name{Literal: "ByteDance Seed"}},
		{"the TCV team", Name{Literal: "the TCV team"}},
		{"MOSI. AI", Name{Literal: "MOSI. AI"}},
		{"Sand. ai", Name{Literal: "Sand. ai"}},
		{"The Soofi-Team", Name{Literal: "The Soofi-Team"}},
		{"University of Oxford, Department of Physics", Name{Literal: "University of Oxford, Department of Physics"}},
		{"ATLAS Collaboration", Name{Literal: "ATLAS Collaboration"}},
		{"Alzheimer's Disease Neuroimaging Initiative", Name{Literal: "Alzheimer's Disease Neuroimaging Initiative"}},
		{"Jane Doe and John Roe", Name{Literal: "Jane Doe and John Roe"}},
		{"The Anh Han", person("The Anh", "Han")},
		{"Huawei Lin", person("Huawei", "Lin")},
		{"Gemma Roig", person("Gemma", "Roig")},
		{"H. Sinan Bank", person("H. Sinan", "Bank")},
		{"Ofir Press", person("Ofir", "Press")},
		{"Research Pratim Maity", person("Research Pratim", "Maity")},
		{"Marc Huertas-Company", person("Marc", "Huertas-Company")},

		// Scripts, TeX, and what hangs on to a name.
		{"李明", Name{Literal: "李明"}},
		{"李 明", person("明", "李")},
		{"김 민수", person("민수", "김")},
		{"Иван Петров", person("Иван", "Петров")},
		{`Erd\H{o}s P\'al`, person("Erdős", "Pál")},
		{`S{\o}ren M{\"u}ller`, person("Søren", "Müller")},
		{`\v{C}ap\'{\i}k Jan`, person("Čapík", "Jan")},
		{`Tolúl\d{o}pé Ògúnrèmí`, person("Tolúlọpé", "Ògúnrèmí")},
		{"Eric~Granger", person("Eric", "Granger")},
		{`John "Four" Flynn`, person(`John "Four"`, "Flynn")},
		{"Mariia Gladkova*", person("Mariia", "Gladkova")},
		{"Yi-Fan Zhang†", person("Yi-Fan", "Zhang")},
		{"and Lei Bai", person("Lei", "Bai")},
		{"Adam Hewitt and", person("Adam", "Hewitt")},
		{"Jane Doe (MIT)", person("Jane", "Doe")},
		{"Timnit Gebru et al.", person("Timnit", "Gebru")},
		{"Mario Ocampo--Pineda", person("Mario", "Ocampo-Pineda")},
	} {
		got := Parse(c.in)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", c.in, diff)
		}
	}
}

// anyName is a name made of parts of every kind, as sources may write it.
var anyName = rapid.Custom(func(t *rapid.T) string {
	part := rapid.SampledFrom([]string{"Jane", "Jean-Pierre", "J.", "J.-P.", "JA", "V", "van", "der", "de", "la", "Van", "Müller", "O'Connor", "Mueller", "Æsa", "Þór", "Wang",
		"WANG", "Nguyen", "Filho", "e", "i", "Jr.", "III", "PhD", "Dr.", "MD", "Team", "AI", "Tencent", "the", "and", "李", "明", "민수", "Иван", `"Bob"`, "(MIT)", `M\"uller`, "~", "*", "-", "'", "‐", "ß", "ﬁ", "½", "\u0301", "Mary-"})
	words := rapid.SliceOfN(part, 0, 6).Draw(t, "parts")
	return strings.Join(words, rapid.SampledFrom([]string{" ", " ", " ", ", "}).Draw(t, "between"))
})

// holds checks what holds for every name.
func holds(t interface{ Fatalf(string, ...any) }, s string) {
	n := Parse(s)
	if any, _ := parseAny(s); any != n {
		t.Fatalf("%q is ordinary: %+v, and yet %+v", s, n, any)
	}
	if n.Literal != "" && (n != Name{Literal: n.Literal}) {
		t.Fatalf("%q is both %+v", s, n)
	}
	if n != (Name{}) && n.Literal == "" && n.Family == "" {
		t.Fatalf("%q has no family name: %+v", s, n)
	}
	for _, part := range []string{n.Given, n.Particle, n.Family, n.Suffix, n.Literal} {
		if !utf8.ValidString(part) || part != strings.Join(strings.Fields(part), " ") || strings.ContainsFunc(part, unicode.IsControl) {
			t.Fatalf("%q has the part %q", s, part)
		}
	}
	words := Words(s)
	if again := Words(strings.Join(words, " ")); len(words) < 10 && !cmp.Equal(words, again) {
		t.Fatalf("%q: words %q, and again %q", s, words, again)
	}
	for _, k := range append(Keys(s), Wanted(words)...) {
		if k == "" || strings.ContainsFunc(k, func(r rune) bool {
			return r < utf8.RuneSelf && !('a' <= r && r <= 'z' || '0' <= r && r <= '9') || unicode.IsSpace(r)
		}) {
			t.Fatalf("%q: the key %q is no plain word", s, k)
		}
	}
	// Small letters can bring another title to light, as in Dr. J.-P.
	if len(words) > 0 && len(words) < 10 && cmp.Equal(words, flat(s)) {
		if !fits(s, s) {
			t.Fatalf("%q (%q) does not find itself: %q", s, words, Keys(s))
		}
	}
}

func TestEveryNameIsReadAndFindsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { holds(t, anyName.Draw(t, "name")) })
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"Edward J. Hu", "Doe, Jane, Jr., PhD", `Erd\H{o}s P\'al`, "van der Berg JA", "李 明", "Meta AI", "J.-P. O’Connor-Müller", "\xff\x00", "½ ´ -'-", "dr dr phd", "Þ. Æ.", "a\u0301'-'b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { holds(t, s) })
}

func TestWhatIsOrdinaryIsReadTheSame(t *testing.T) {
	word := rapid.OneOf(rapid.StringMatching(`[A-Z][a-z]{0,8}\.?`), rapid.Map(rapid.SampledFrom(slices.Sorted(maps.Keys(special))), func(w string) string {
		return strings.ToUpper(w[:1]) + w[1:]
	}))
	rapid.Check(t, func(t *rapid.T) { holds(t, strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "words"), " ")) })
	for s, want := range map[string]int{"Jane Doe": 4, "J. R. Doe": 5, "J R Doe": 3, "Jane van Doe": 0, "Jane Doe, Jr.": 0, "Jane D": 0, "Doe JA": 0, "Meta Team": 0, "Jane": 0, "Jane  Doe": 0} {
		if got := ordinary(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

// The name that a card shows finds the person, and so does the name with its given
// names shortened.
func TestTheShortNameFindsThePerson(t *testing.T) {
	shortened := map[string]string{"Jane": "J.", "Jean-Pierre": "J.", "J.": "J.", "J.-P.": "J.-P.", "Åsa": "Å.", "Þór": "Þ.", "Wei": "W.", "Wei-Lin": "W.", "María José": "M. J.", "J.R.R.": "J. R. R.", "Ch.": "C."}
	given := rapid.SampledFrom(slices.Sorted(maps.Keys(shortened)))
	family := rapid.SampledFrom([]string{"Doe", "van den Oord", "Van Gool", "O'Connor", "Müller", "Smith-Jones", "de la Cruz Fernández", "Silva Filho", "Guerreiro e Silva", "Al-Hamadi", "Nguyen"})
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.SliceOfN(given, 1, 3).Draw(t, "given")
		last := family.Draw(t, "family") + rapid.SampledFrom([]string{"", "", " Jr.", ", III"}).Draw(t, "suffix")
		name := strings.Join(first, " ") + " " + last
		n := Parse(name)
		short := make([]string, len(first))
		for i, one := range first {
			short[i] = shortened[one]
		}
		for _, q := range []string{strings.Join(short, " ") + " " + last, n.String(), strings.ToLower(name), strings.TrimSpace(n.Particle+" "+n.Family) + ", " + n.Given} {
			if !fits(q, name) {
				t.Fatalf("%q does not find %q: wants %q of %q", q, name, Wanted(Words(q)), Keys(name))
			}
		}
	})
}

func TestANameIsShownWholeAsItWasPublished(t *testing.T) {
	for in, want := range map[string]string{
		"Edward J. Hu": "Edward J. Hu", "Doe, Jane": "Jane Doe", "Berg, Jan van der": "Jan van der Berg", "Doe JA": "Doe JA", "WANG Wei": "WANG Wei",
		"李 明": "李 明", "Akhil V": "Akhil V", "Heath, Jr., Robert W.": "Robert W. Heath Jr.", "Jane Doe*, PhD": "Jane Doe",
		"Tencent Robotics X": "Tencent Robotics X", "HY Vision Team": "HY Vision Team", "Inclusion AI": "Inclusion AI", "Madonna": "Madonna", ":": "", "": "",
	} {
		if got := Full(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}
