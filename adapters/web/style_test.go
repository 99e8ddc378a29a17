package web

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

// Every pair of text and ground that the style uses can be read: WCAG 2.1 asks
// a contrast of 4.5:1 for text (1.4.3) and 3:1 for edges of controls (1.4.11).
func TestContrast(t *testing.T) {
	css, err := static.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "*, ::before")
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colour := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(text, -1) {
			colour[m[1]] = luminance(m[2])
		}
		for _, c := range []struct {
			on   string
			text []string
			min  float64
		}{
			{"bg", []string{"ink", "dim", "acc", "ok", "bad"}, 4.5},
			{"side", []string{"ink", "dim", "acc"}, 4.5},
			{"soft", []string{"ink", "dim", "acc"}, 4.5},
			{"chip", []string{"ink", "dim"}, 4.5},
			{"accsoft", []string{"ink", "dim", "acc"}, 4.5},
			{"oksoft", []string{"ok"}, 4.5},
			{"acc", []string{"on-acc"}, 4.5},
			{"bg", []string{"edge"}, 3},
			{"soft", []string{"edge"}, 3},
		} {
			for _, fg := range c.text {
				a, b := colour[fg], colour[c.on]
				if a == 0 && b == 0 {
					t.Fatalf("%s: no colours %s, %s", scheme, fg, c.on)
				}
				if r := (math.Max(a, b) + .05) / (math.Min(a, b) + .05); r < c.min {
					t.Errorf("%s: %s on %s has %.2f, needs %v", scheme, fg, c.on, r, c.min)
				}
			}
		}
	}
	for _, m := range regexp.MustCompile(`\.h\d \{ background: (#[0-9a-f]{6}); color: #fff`).FindAllStringSubmatch(string(css), -1) {
		if r := 1.05 / (luminance(m[1]) + .05); r < 4.5 {
			t.Errorf("white on %s has %.2f", m[1], r)
		}
	}
}

// luminance is WCAG's relative luminance of a colour written #rrggbb.
func luminance(hex string) float64 {
	var rgb [3]uint8
	fmt.Sscanf(hex, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2])
	var lin [3]float64
	for i, c := range rgb {
		if v := float64(c) / 255; v <= .04045 {
			lin[i] = v / 12.92
		} else {
			lin[i] = math.Pow((v+.055)/1.055, 2.4)
		}
	}
	return .2126*lin[0] + .7152*lin[1] + .0722*lin[2]
}
