package chart

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "draw the golden file anew")

var topics = Chart{
	Title: "What each topic brought · 30 days", Whole: "posted", Part: "voted for",
	Bars: []Bar{
		{"#1 diffusion -\"stable diffusion\"", 41, 18, "18 of 41"}, {"#3 lora", 22, 15, "15 of 22"}, {"#4 author:\"Jané Doe\" | title:agents since the beginning", 9, 0, "0 of 9"},
		{"#5 拡散 モデル", 1, 1, "1 of 1"}, {"to your taste", 0, 0, "0 of 0"},
	},
}

// pixels decodes a picture: what a PNG's bytes are depends on who packs them.
func pixels(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestThePicture(t *testing.T) {
	const file = "testdata/topics.png"
	got := topics.PNG()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want, have := pixels(t, golden), pixels(t, got)
	if want.Bounds() != have.Bounds() {
		t.Fatalf("it is %v, want %v", have.Bounds(), want.Bounds())
	}
	differ := 0
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if far(want.At(x, y), have.At(x, y)) {
				differ++
			}
		}
	}
	if differ > 0 {
		t.Errorf("%d pixels are other than in %s; look at both, then -update", differ, file)
	}
	if n := len(got); n > 30_000 {
		t.Errorf("%d bytes are much for a few bars", n)
	}
}

// far: machines round the edges of letters differently by a hair.
func far(a, b color.Color) bool {
	r, g, bl, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	d := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0x1400 }
	return d(r, r2) || d(g, g2) || d(bl, b2)
}

func TestEqualNumbersAreEqualBytes(t *testing.T) {
	if !bytes.Equal(topics.PNG(), topics.PNG()) {
		t.Error("twice the same chart, two pictures")
	}
}

// The background is the picture's own: letters on it have a contrast of 4.5 to 1 at
// least, whatever it stands on.
func TestItReadsOnAnyBackground(t *testing.T) {
	img := pixels(t, topics.PNG())
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if _, _, _, a := img.At(x, y).RGBA(); a != 0xffff {
				t.Fatalf("something shines through at %d, %d", x, y)
			}
		}
	}
	for _, c := range []struct {
		over, under color.RGBA
		least       float64
	}{{ink, paper, 4.5}, {soft, paper, 4.5}, {part, whole, 3}, {part, paper, 3}} {
		if have := contrast(c.over, c.under); have < c.least {
			t.Errorf("%v on %v has a contrast of %.1f, want %.1f", c.over, c.under, have, c.least)
		}
	}
}

func TestALetterWithoutAShapeIsLeftOut(t *testing.T) {
	if got := drawable("#5 拡散 モデル, Jané α"); got != "#5 , Jané α" {
		t.Errorf("drawn is %q", got)
	}
}

// Whatever the numbers and words are, there is a picture, and no bar is
// longer than the picture has room for.
func TestWhateverIsDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Chart{Title: rapid.String().Draw(t, "title"), Whole: "posted", Part: "voted for"}
		for range rapid.IntRange(0, 15).Draw(t, "bars") {
			n := rapid.IntRange(0, 1_000_000).Draw(t, "whole")
			c.Bars = append(c.Bars, Bar{rapid.String().Draw(t, "label"), n, rapid.IntRange(0, n).Draw(t, "part"), rapid.String().Draw(t, "figures")})
		}
		img, err := png.Decode(bytes.NewReader(c.PNG()))
		if err != nil {
			t.Fatal(err)
		}
		for y := head; y < img.Bounds().Dy(); y++ {
			if r, g, b, _ := img.At(width-margin/2, y).RGBA(); r&g&b != 0xffff {
				t.Fatalf("something reaches the edge at line %d", y)
			}
		}
	})
}

func TestALongTitleIsCut(t *testing.T) {
	regular, _ := faces()
	if got := clip(regular, strings.Repeat("diffusion ", 40), 300); !strings.HasSuffix(got, "…") || len(got) > 40 {
		t.Errorf("cut to %q", got)
	}
}

// contrast is that of WCAG 2.2.
func contrast(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.RGBA) float64 {
	channel := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(c.R) + 0.7152*channel(c.G) + 0.0722*channel(c.B)
}
