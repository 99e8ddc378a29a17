// Package chart draws numbers as a picture.
//
// In: bars, of each of which a part is filled. Out: a PNG.
//
// Promises: it is a pure function, equal bars are equal bytes; the picture brings
// its own background, so that it reads the same where a chat is light and where it
// is dark; every number in it stands there in figures too. What it says to who
// cannot see it is the caller's to write (core.File.Alt).
package chart

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Bar is one line of a chart: so much of something, and how much of that is filled.
type Bar struct {
	Label       string
	Whole, Part int
	Figures     string // both, as they are written behind the bar: "18 of 41"
}

// Chart is a picture of bars, one below the other.
type Chart struct {
	Title       string
	Whole, Part string // what the two lengths of a bar mean, for the legend
	Bars        []Bar  // at most MostBars are drawn
}

// MostBars is how many bars a picture holds: as many as one reads on a phone.
const MostBars = 12

// Sizes in pixels, for a picture that a phone shows at half of them.
const (
	width   = 960
	margin  = 40
	labels  = 320 // where the bars begin
	figures = 210 // room for the figures behind the longest
	line    = 52  // from bar to bar
	thick   = 30  // of a bar
	head    = 140 // above the first
	letters = 24
)

// The colours differ in lightness as much as in hue: they are told apart in print
// and by those who see few colours.
var (
	paper = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink   = color.RGBA{0x26, 0x22, 0x1f, 0xff}
	soft  = color.RGBA{0x66, 0x5f, 0x59, 0xff}
	whole = color.RGBA{0xe3, 0xcf, 0xc4, 0xff}
	part  = color.RGBA{0xa3, 0x44, 0x1a, 0xff}
)

// PNG is the chart as a picture.
func (c Chart) PNG() []byte {
	regular, bold := faces()
	bars := c.Bars[:min(len(c.Bars), MostBars)]
	img := image.NewRGBA(image.Rect(0, 0, width, head+len(bars)*line+margin/2))
	fill(img, img.Bounds(), paper)
	write(img, bold, margin, 56, ink, clip(bold, c.Title, width-2*margin))
	at := swatch(img, regular, margin, 104, part, c.Part)
	swatch(img, regular, at+36, 104, whole, c.Whole)
	longest := 1
	for _, b := range bars {
		longest = max(longest, b.Whole)
	}
	for i, b := range bars {
		top := head + i*line
		base := top + thick - 7
		write(img, regular, margin, base, ink, clip(regular, drawable(b.Label), labels-margin-20))
		length := func(n int) int { return (width - margin - figures - labels) * n / longest }
		fill(img, image.Rect(labels, top, labels+max(length(b.Whole), 2), top+thick), whole)
		fill(img, image.Rect(labels, top, labels+length(b.Part), top+thick), part)
		write(img, regular, labels+max(length(b.Whole), 2)+14, base, soft, clip(regular, b.Figures, figures-14))
	}
	var out bytes.Buffer
	if err := png.Encode(&out, paletted(img)); err != nil {
		panic(err) // a buffer takes everything, and the picture has a size
	}
	return out.Bytes()
}

// swatch explains a colour, and says where it ends.
func swatch(img draw.Image, f font.Face, x, base int, c color.Color, text string) (end int) {
	fill(img, image.Rect(x, base-20, x+22, base+2), c)
	return write(img, f, x+34, base, soft, text)
}

func fill(img draw.Image, r image.Rectangle, c color.Color) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

func write(img draw.Image, f font.Face, x, base int, c color.Color, text string) (end int) {
	d := font.Drawer{Dst: img, Src: image.NewUniform(c), Face: f, Dot: fixed.P(x, base)}
	d.DrawString(text)
	return d.Dot.X.Ceil()
}

// clip is as much of a text as fits, with an ellipsis.
func clip(f font.Face, text string, room int) string {
	if font.MeasureString(f, text).Ceil() <= room {
		return text
	}
	r := []rune(text)
	for len(r) > 0 && font.MeasureString(f, string(r)+"…").Ceil() > room {
		r = r[:len(r)-1]
	}
	return strings.TrimRight(string(r), " ") + "…"
}

// drawable is the text in letters that there are: one without a shape would be an
// empty box. The text beside the picture has it whole.
func drawable(text string) string {
	parsed := regular()
	var b sfnt.Buffer
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if i, err := parsed.GlyphIndex(&b, r); err != nil || i == 0 {
			return ' '
		}
		return r
	}, text)), " ")
}

// paletted is the picture in few colours: a fifth of the bytes, and flat colours
// lose nothing.
func paletted(img *image.RGBA) image.Image {
	var p color.Palette
	for _, c := range []color.RGBA{whole, part, soft, ink} {
		const steps = 24 // from paper to that colour: the edges of letters
		for i := range steps {
			mix := func(from, to uint8) uint8 { return uint8((int(from)*(steps-1-i) + int(to)*i) / (steps - 1)) }
			p = append(p, color.RGBA{mix(paper.R, c.R), mix(paper.G, c.G), mix(paper.B, c.B), 0xff})
		}
	}
	out := image.NewPaletted(img.Bounds(), p)
	nearest := map[color.RGBA]uint8{} // nearly all are alike, and looking for one takes long
	for i := range out.Pix {
		c := color.RGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3]}
		index, known := nearest[c]
		if !known {
			index = uint8(p.Index(c))
			nearest[c] = index
		}
		out.Pix[i] = index
	}
	return out
}

var regular = sync.OnceValue(func() *opentype.Font { return parse(goregular.TTF) })

// faces are made for each picture: one may not be drawn with by two at once.
func faces() (text, title font.Face) {
	return face(regular(), letters), face(parse(gobold.TTF), letters+8)
}

func parse(ttf []byte) *opentype.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // it is part of the program
	}
	return f
}

func face(f *opentype.Font, size float64) font.Face {
	out, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	return out
}
