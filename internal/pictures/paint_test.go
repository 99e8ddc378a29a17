package pictures

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"flag"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"paperboy/adapters/web/skins"
	"paperboy/internal/chromium"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("").Parse(pageHTML))

// frame is a page in a window of a size.
type frame struct {
	Skin        *skins.Skin
	Name, Where string
	Shown       []template.HTML
	Theme       string // "light" or "dark"
	Side        bool   // the list of channels beside it
	CSS         template.CSS
	width, tall int64 // tall: 1: as tall as the page is
}

// paint leaves the pages where they are asked for, and makes those of the
// documents anew.
func paint(t *testing.T, pages []page) {
	dir, docs := os.Getenv("PAPERBOY_SCREENSHOTS"), flag.Lookup("update").Value.String() == "true"
	if dir == "" && !docs {
		return
	}
	browser := chromium.Start(t)
	for _, p := range pages {
		f := frame{Skin: p.skin, Name: p.name, Where: p.where, Shown: p.shown, Theme: "light", CSS: template.CSS(skins.CSS), tall: 1}
		if dir != "" {
			base := filepath.Join(dir, p.skin.Name+"-"+p.name)
			f.width = 860
			shoot(t, browser, f, base)
			f.width = 390
			shoot(t, browser, f, base+"-phone")
			if p.skin == skins.Slack {
				f.width, f.Theme = 860, "dark"
				shoot(t, browser, f, base+"-dark")
			}
		}
		if docs && p.name == "daily" {
			f.width, f.tall, f.Side, f.Theme = 1000, 900, true, "light"
			picture := filepath.Join(t.TempDir(), p.skin.Name)
			shoot(t, browser, f, picture)
			b, err := os.ReadFile(picture + ".png")
			if err != nil {
				t.Fatal(err)
			}
			if len(b) > 200_000 {
				t.Errorf("%s.png has %d bytes, which is much for a page that is read on its way", p.skin.Name, len(b))
			}
			if err := os.WriteFile(filepath.Join("..", "..", "docs", p.skin.Name+".png"), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// shoot writes a page as HTML, and what a browser shows of it as PNG.
func shoot(t *testing.T, browser context.Context, f frame, base string) {
	t.Helper()
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, f); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(base+".html", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	page, err := filepath.Abs(base + ".html")
	if err != nil {
		t.Fatal(err)
	}
	size := chromedp.EmulateViewport(f.width, f.tall, chromedp.EmulateScale(1.5))
	if err := chromedp.Do(browser, size, chromedp.Navigate("file://"+page)); err != nil {
		t.Fatal(err)
	}
	drawn, err := chromedp.Run(browser, chromedp.FullScreenshot(100))
	if f.tall > 1 {
		drawn, err = chromedp.Run(browser, chromedp.CaptureScreenshot())
	}
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(drawn))
	if err != nil {
		t.Fatal(err)
	}
	small := image.NewPaletted(img.Bounds(), palette(img))
	draw.Draw(small, small.Bounds(), img, img.Bounds().Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(base+".png", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// palette is the 256 colours that a picture is best shown in: a drawn page has few,
// and the edges of its letters many.
func palette(img image.Image) (p color.Palette) {
	count := map[color.RGBA]int{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			count[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	for _, apart := range []int{40, 12, 0} { // first what is unlike all others, however little there is of it
		for _, c := range colours {
			if len(p) == 256 {
				return p
			}
			if len(p) == 0 || far(c, p[p.Index(c)].(color.RGBA)) > apart {
				p = append(p, c)
			}
		}
	}
	return p
}

func far(a, b color.RGBA) int {
	d := func(x, y uint8) int { return max(int(x)-int(y), int(y)-int(x)) }
	return d(a.R, b.R) + d(a.G, b.G) + d(a.B, b.B)
}
