package byline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/sources/byline"
)

func TestNamesBetweenCommasAreTakenApart(t *testing.T) {
	for list, want := range map[string][]string{
		"":                                   nil,
		"Ana":                                {"Ana"},
		"Ana A.,  Ben B.":                    {"Ana A.", "Ben B."},
		"Sam Young, Jr., Ana":                {"Sam Young Jr.", "Ana"},
		"Sam Young Jr., Ana":                 {"Sam Young Jr.", "Ana"},
		"Rex, III, Ana, Sr":                  {"Rex III", "Ana Sr"},
		"Jr., Ana":                           {"Ana"},
		"Ana (MIT, USA), Ben (ETH (Zürich))": {"Ana", "Ben"},
		"Ana (unclosed, Ben":                 {"Ana unclosed", "Ben"},
		"José Raúl, Ö. Ü.":                   {"José Raúl", "Ö. Ü."},
		"Anamta Khan, Deepti, Joy Pal":       {"Anamta Khan", "Deepti", "Joy Pal"},
		"Deepti, Ana Bell":                   {"Deepti", "Ana Bell"},
		",, ,":                               nil,
	} {
		if diff := cmp.Diff(want, byline.List(list)); diff != "" {
			t.Errorf("%q -want +got\n%s", list, diff)
		}
	}
}

func TestEveryWayToWriteAuthorsIsRead(t *testing.T) {
	jwb := []string{"Jane Doe", "Wei Wang", "Ana Bell"}
	short := []string{"J. Doe", "W. Wang", "A. Bell"}
	for _, c := range []struct {
		written []string
		want    []string
	}{
		// as one writes them
		{[]string{"Jane Doe"}, jwb[:1]},
		{jwb, jwb},
		{[]string{"Jane Doe, Wei Wang, Ana Bell"}, jwb},
		{[]string{"Jane Doe, Wei Wang and Ana Bell"}, jwb},
		{[]string{"Jane Doe, Wei Wang, and Ana Bell"}, jwb},
		{[]string{"Jane Doe, Wei Wang & Ana Bell"}, jwb},
		{[]string{"Jane Doe and Wei Wang and Ana Bell"}, jwb},
		{[]string{"Jane Doe; Wei Wang; Ana Bell"}, jwb},
		{[]string{"Jane Doe; Wei Wang; and Ana Bell"}, jwb},
		{[]string{"Jane Doe | Wei Wang | Ana Bell"}, jwb},
		{[]string{"Jane Doe\n  Wei Wang\n  Ana Bell"}, jwb},
		{[]string{"By Jane Doe, Wei Wang and Ana Bell"}, jwb},
		{[]string{"Author(s): Jane Doe, Wei Wang, Ana Bell"}, jwb},
		{[]string{"Jane Doe, Wei Wang"}, jwb[:2]},
		{[]string{"Smith J, Jones AB, Li X"}, []string{"J. Smith", "A. B. Jones", "X. Li"}},
		{[]string{"Li X, Smith J"}, []string{"X. Li", "J. Smith"}},
		{[]string{"Li X", "van der Berg J", "Xu YZ"}, []string{"X. Li", "J. van der Berg", "Y. Z. Xu"}},
		{[]string{"OpenAI, Inc."}, []string{"OpenAI, Inc."}},
		{[]string{"Jane Doe, Acme GmbH, Wei Wang, Widgets, Ltd."}, []string{"Jane Doe", "Acme GmbH", "Wei Wang", "Widgets, Ltd."}},
		{[]string{"Jane Doe et Wei Wang"}, jwb[:2]},
		{[]string{"Jane Doe", "Jane Doe"}, jwb[:1]},
		{[]string{"Jane Doe, Wei Wang, et al."}, jwb[:2]},
		{[]string{"J. Doe, W. Wang, A. Bell"}, short},
		{[]string{"J. Doe and W. Wang"}, short[:2]},
		{[]string{"J. K. Doe, W. Wang"}, []string{"J. K. Doe", "W. Wang"}},
		{[]string{"Jan van der Berg, Ludwig von Hohen"}, []string{"Jan van der Berg", "Ludwig von Hohen"}},
		{[]string{"Jane Doe\u00a0, Wei\u00a0Wang"}, jwb[:2]},
		// turned round
		{[]string{"Doe, Jane"}, jwb[:1]},
		{[]string{"Doe, J."}, short[:1]},
		{[]string{"Doe, J., Wang, W., Bell, A."}, short},
		{[]string{"Doe, J., Wang, W., & Bell, A."}, short},
		{[]string{"Doe, J., Wang, W. and Bell, A."}, short},
		{[]string{"Doe, Jane; Wang, Wei; Bell, Ana"}, jwb},
		{[]string{"Doe, Jane and Wang, Wei and Bell, Ana"}, jwb},
		{[]string{"Doe, Jane, Wang, Wei, Bell, Ana"}, jwb},
		{[]string{"Doe, Jane", "Wang, Wei", "Bell, Ana"}, jwb},
		{[]string{"Doe, Jane M., Wang, Wei"}, []string{"Jane M. Doe", "Wei Wang"}},
		{[]string{"Doe, J. K., Wang, W.-X."}, []string{"J. K. Doe", "W.-X. Wang"}},
		{[]string{"Doe, J.K., Wang, W.X."}, []string{"J.K. Doe", "W.X. Wang"}},
		{[]string{"Doe, JK, Wang, W"}, []string{"JK Doe", "W Wang"}},
		{[]string{"van der Berg, Jan"}, []string{"Jan van der Berg"}},
		{[]string{"van der Berg, J., de la Cruz, M."}, []string{"J. van der Berg", "M. de la Cruz"}},
		{[]string{"García Márquez, Gabriel"}, []string{"Gabriel García Márquez"}},
		{[]string{"García Márquez, G., Wang, W."}, []string{"G. García Márquez", "W. Wang"}},
		{[]string{"Pérez de la Riva Mora, G. and Wang, Wei"}, []string{"G. Pérez de la Riva Mora", "Wei Wang"}},
		{[]string{"O'Neil, Ana; Müller-Lüdenscheidt, Bo"}, []string{"Ana O'Neil", "Bo Müller-Lüdenscheidt"}},
		{[]string{"Doe, J., Wang, W., ATLAS Collaboration"}, []string{"J. Doe", "W. Wang", "ATLAS Collaboration"}},
		{[]string{"Doe JA", "Wang W"}, []string{"J. A. Doe", "W. Wang"}},
		{[]string{"Doe JA, Wang W, de la Cruz M"}, []string{"J. A. Doe", "W. Wang", "M. de la Cruz"}},
		// generations and degrees
		{[]string{"Doe, John, Jr."}, []string{"John Doe Jr."}},
		{[]string{"Doe, Jr., John"}, []string{"John Doe Jr."}},
		{[]string{"Doe Jr., John"}, []string{"John Doe Jr."}},
		{[]string{"John Doe, Jr."}, []string{"John Doe Jr."}},
		{[]string{"John Doe Jr., Wei Wang"}, []string{"John Doe Jr.", "Wei Wang"}},
		{[]string{"Doe, J., Jr., Wang, W."}, []string{"J. Doe Jr.", "W. Wang"}},
		{[]string{"Doe, John, III; Wang, Wei"}, []string{"John Doe III", "Wei Wang"}},
		{[]string{"Jane Doe, PhD"}, jwb[:1]},
		{[]string{"Jane Doe, Ph.D., Wei Wang, MD, MPH"}, jwb[:2]},
		{[]string{"Jane Doe MD PhD"}, jwb[:1]},
		{[]string{"Dr. Jane Doe"}, jwb[:1]},
		{[]string{"Prof. Dr. Jane Doe and Wei Wang"}, jwb[:2]},
		// addresses, affiliations, footnotes
		{[]string{"jane@lab.example (Jane Doe)"}, jwb[:1]},
		{[]string{"Jane Doe <jane@lab.example>"}, jwb[:1]},
		{[]string{"jane@lab.example"}, nil},
		{[]string{"Jane Doe (University of X, Y), Wei Wang (Z)"}, jwb[:2]},
		{[]string{"Jane Doe [1], Wei Wang [1,2]"}, jwb[:2]},
		{[]string{"Jane Doe1, Wei Wang1,2, Ana Bell3"}, jwb},
		{[]string{"Jane Doe*, Wei Wang†"}, jwb[:2]},
		{[]string{"Jane Doe https://orcid.org/0000-0001-2345-6789"}, jwb[:1]},
		{[]string{"(Jane Doe)"}, jwb[:1]},
		// who is no person
		{[]string{"Meta AI"}, []string{"Meta AI"}},
		{[]string{"OpenAI Team, Jane Doe"}, []string{"OpenAI Team", "Jane Doe"}},
		{[]string{"Tencent Robotics X"}, []string{"Tencent Robotics X"}},
		{[]string{"The ATLAS Collaboration"}, []string{"ATLAS Collaboration"}},
		{[]string{"Jane Doe and the ATLAS Collaboration"}, []string{"Jane Doe", "ATLAS Collaboration"}},
		{[]string{"Department of Energy and Climate"}, []string{"Department of Energy and Climate"}},
		{[]string{"Bill and Melinda Gates Foundation"}, []string{"Bill and Melinda Gates Foundation"}},
		{[]string{"Science & Technology Team"}, []string{"Science & Technology Team"}},
		{[]string{"The GitHub Blog Editors"}, []string{"GitHub Blog Editors"}},
		{[]string{"/u/somebody42"}, []string{"/u/somebody42"}},
		{[]string{"admin"}, []string{"admin"}},
		// other scripts
		{[]string{"张三, 李四"}, []string{"张三", "李四"}},
		{[]string{"张三、李四；王五"}, []string{"张三", "李四", "王五"}},
		{[]string{"", " , ", ";"}, nil},
		{[]string{"1, 2"}, nil},
	} {
		if diff := cmp.Diff(c.want, byline.Split(c.written...)); diff != "" {
			t.Errorf("%q -want +got\n%s", c.written, diff)
		}
	}
}

// Whoever the authors are, a list of their names comes back whole.
func TestAListOfNamesComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// with an ending that no word has which means something: And, Prof, Del, ScD
		word := rapid.StringMatching(`[A-Z][a-z]{1,5}ox`)
		name := rapid.Custom(func(t *rapid.T) string { return word.Draw(t, "first") + " " + word.Draw(t, "last") })
		names := rapid.SliceOfNDistinct(name, 1, 6, rapid.ID[string]).Draw(t, "names")
		last := len(names) - 1
		lists := []string{strings.Join(names, ", "), strings.Join(names, "; "), strings.Join(names, " and ")}
		if last > 0 {
			lists = append(lists, strings.Join(names[:last], ", ")+", and "+names[last])
		}
		for _, list := range lists {
			if diff := cmp.Diff(names, byline.Split(list)); diff != "" {
				t.Fatalf("%q -want +got\n%s", list, diff)
			}
		}
		var turned []string
		for _, n := range names {
			first, last, _ := strings.Cut(n, " ")
			turned = append(turned, last+", "+first)
		}
		for _, list := range []string{strings.Join(turned, ", "), strings.Join(turned, "; "), strings.Join(turned, " and ")} {
			if diff := cmp.Diff(names, byline.Split(list)); diff != "" {
				t.Fatalf("%q -want +got\n%s", list, diff)
			}
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"Doe, J., Wang, W. & Bell, A.", "a@b (Jane Doe)", "((((", "and and and", "Jr., III, PhD", ",;,;", "\xff, \xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, name := range append(byline.Split(s), byline.List(s)...) {
			if strings.TrimSpace(name) == "" || strings.ContainsAny(name, ";\n") {
				t.Errorf("%q gives the name %q", s, name)
			}
		}
	})
}
