package fakediscord_test

import (
	"slices"
	"strings"
	"testing"

	fake "paperboy/internal/fakediscord"
)

func text(s string) body { return body{"type": 10, "content": s} }

func press(id string) body { return body{"type": 2, "style": 2, "label": "x", "custom_id": id} }

func layout(parts ...any) body { return body{"flags": fake.FlagLayout, "components": parts} }

func TestALayoutBeyondDiscordsLimitsIsRefusedAtItsField(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		long := strings.Repeat("x", 4001)
		thumbnail := body{"type": 11, "media": body{"url": "https://example.org/x.png"}}
		box := func(inside ...any) body { return body{"type": 17, "components": inside} }
		section := func(accessory any, inside ...any) body {
			return body{"type": 9, "components": inside, "accessory": accessory}
		}
		for field, bad := range map[string]body{
			"content":                                        {"flags": fake.FlagLayout, "content": "x", "components": []any{text("x")}},
			"embeds":                                         {"flags": fake.FlagLayout, "embeds": []any{}, "components": []any{text("x")}},
			"components":                                     layout(box(slices.Repeat([]any{text("x")}, 40)...)), // 41 with the box
			"components.0.content":                           layout(text("")),
			"components.1.content":                           layout(text("x"), text(long)),
			"components.0.type":                              layout(press("a")),
			"components.0.accessory":                         layout(section(nil, text("x"))),
			"components.0.accessory.type":                    layout(section(text("x"), text("x"))),
			"components.0.accessory.media.url":               layout(section(body{"type": 11, "media": body{}}, text("x"))),
			"components.0.components":                        layout(section(thumbnail, text("1"), text("2"), text("3"), text("4"))),
			"components.0.components.0.type":                 layout(box(box(text("x")))),
			"components.0.accent_color":                      layout(body{"type": 17, "accent_color": 1 << 24, "components": []any{text("x")}}),
			"components.0.color":                             layout(body{"type": 17, "color": 1, "components": []any{text("x")}}),
			"components.1.components.0.custom_id":            layout(section(press("a"), text("x")), body{"type": 1, "components": []any{press("a")}}),
			"components.0.components.0.components":           layout(box(body{"type": 1, "components": slices.Repeat([]any{body{"type": 2, "style": 5, "label": "x", "url": "https://example.org"}}, 6)})),
			"components.0.components.0.components.0.options": layout(box(body{"type": 1, "components": []any{body{"type": 3, "custom_id": "s"}}})),
		} {
			l.refuses(field, bad)
		}
		if code := l.post(l.papers, layout(text(long[:2000]), text(long[:2001]))); code != 50035 {
			t.Error("4,001 characters in two texts:", code)
		}
		if code := l.post(l.papers, body{"components": []any{text("x")}}); code != 50035 {
			t.Error("without the flag:", code)
		}
		fits := layout(box(append(slices.Repeat([]any{text("x")}, 33), section(press("a"), text(long[:3966])), section(thumbnail, text("y")))...))
		if code := l.post(l.papers, fits); code >= 0 {
			t.Error("at the limits:", code)
		}
	})
}

func TestALayoutStaysOne(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		channel := "channels/" + l.papers.ID + "/messages"
		id := l.must("POST", channel, layout(text("**one** @everyone"), body{"type": 9, "components": []any{text("two")}, "accessory": press("a")}))
		m := l.Posts(l.papers)[0]
		if m.Reads() != "one @everyone\ntwo" || len(m.Buttons()) != 1 || m.Flags&fake.FlagLayout == 0 {
			t.Errorf("%q, %v, %d", m.Reads(), m.Buttons(), m.Flags)
		}
		if who := m.Notifies(); len(who) != 1 {
			t.Errorf("without allowed_mentions it notifies %v", who)
		}
		for what, change := range map[string]body{"a content": content("x"), "embeds": {"embeds": []any{body{"title": "t"}}}} {
			if code, _ := l.call("PATCH", channel+"/"+id, change); code != 50035 {
				t.Errorf("an edit with %s: %d", what, code)
			}
		}
		if code, _ := l.call("PATCH", channel+"/"+id, body{"flags": 0, "components": []any{text("three")}}); code >= 0 {
			t.Error("an edit:", code)
		}
		if m := l.Posts(l.papers)[0]; m.Reads() != "three" || m.Flags&fake.FlagLayout == 0 {
			t.Errorf("%q, %d", m.Reads(), m.Flags)
		}
		plain := l.must("POST", channel, content("plain"))
		if code, _ := l.call("PATCH", channel+"/"+plain, layout(text("x"))); code != 50035 {
			t.Error("beside a content:", code)
		}
		if code, _ := l.call("PATCH", channel+"/"+plain, body{"flags": fake.FlagLayout, "content": nil, "components": []any{text("x")}}); code >= 0 {
			t.Error("instead of a content:", code)
		}
	})
}
