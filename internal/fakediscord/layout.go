package fakediscord

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// FlagLayout (IS_COMPONENTS_V2) has a message be nothing but its components. It
// stays for as long as the message does.
const FlagLayout = 1 << 15

// A part is a kind of component of a layout: what may stand in it, and what its
// request may say (ContainerComponentForMessageRequest and its like).
type part struct {
	inside []int
	fields string
}

var (
	onTop = []int{1, 9, 10, 14, 17}
	parts = map[int]part{
		1:  {[]int{2, 3, 5, 6, 7, 8}, "components"},
		9:  {[]int{10}, "components accessory"},
		10: {nil, "content"},
		11: {nil, "media description spoiler"},
		14: {nil, "divider spacing"},
		17: {[]int{1, 9, 10, 14}, "components accent_color spoiler"},
		2:  {nil, "style label emoji custom_id url disabled sku_id"},
		3:  {nil, "custom_id options placeholder min_values max_values disabled required"},
	}
)

// layout checks the components of a message that is nothing else: 40 of them in
// all, 4,000 characters of text, and nothing beside them.
func (f *form) layout(o object) {
	for _, key := range []string{"content", "embeds", "poll", "sticker_ids"} {
		if o[key] != nil { // null takes away what stood there
			f.add(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The '%s' field cannot be used when using MessageFlags.IS_COMPONENTS_V2", key)
		}
	}
	top := f.array(o, "", "components", 40)
	if _, given := o["components"]; given && len(top) == 0 {
		f.add("components", "BASE_TYPE_REQUIRED", "This field is required")
	}
	count, chars := 0, 0
	seen := map[string]bool{}
	for i, c := range top {
		f.part(c, fmt.Sprint("components.", i), onTop, &count, &chars, seen)
	}
	if count > 40 {
		f.add("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The total number of components exceeds the maximum of 40")
	}
	if chars > 4000 {
		f.add("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "The displayable text size exceeds the maximum of 4000")
	}
}

func (f *form) part(c object, path string, kinds []int, count, chars *int, seen map[string]bool) {
	kind := num(c, "type")
	*count++
	if !slices.Contains(kinds, kind) {
		f.add(path+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of %v.", kinds)
		return
	}
	for key := range c {
		if allowed := parts[kind].fields; allowed != "" && key != "type" && key != "id" && !slices.Contains(strings.Fields(allowed), key) {
			f.add(path+"."+key, "UNKNOWN_FIELD", "A component of type %d has no such field.", kind)
		}
	}
	for _, key := range []string{"custom_id", "id"} {
		if v := c[key]; v != nil && v != "" && v != 0. {
			if id := fmt.Sprint(key, v); seen[id] {
				f.add(path+"."+key, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
			} else {
				seen[id] = true
			}
		}
	}
	inside := list(c, "components")
	least, most := 1, 40
	switch kind {
	case 1:
		most = 5
		if len(inside) > 1 && slices.ContainsFunc(inside, func(e object) bool { return num(e, "type") != 2 }) {
			f.add(path+".components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The components in this row are too wide")
		}
	case 2:
		f.button(c, path)
	case 3:
		f.selects(c, path)
	case 9:
		most = 3
		if obj(c, "accessory") == nil {
			f.add(path+".accessory", "BASE_TYPE_REQUIRED", "This field is required")
		} else {
			f.part(obj(c, "accessory"), path+".accessory", []int{2, 11}, count, chars, seen)
		}
	case 10:
		*chars += f.text(c, path, "content", 1, 4000)
	case 11:
		f.text(c, path, "description", 0, 1024)
		f.link(obj(c, "media"), path+".media", "url", "attachment")
		if str(obj(c, "media"), "url") == "" {
			f.add(path+".media.url", "BASE_TYPE_REQUIRED", "This field is required")
		}
	case 17:
		if color, ok := c["accent_color"].(float64); ok && (color < 0 || color > 0xffffff) {
			f.add(path+".accent_color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
		}
	}
	if parts[kind].inside == nil {
		return
	}
	if len(inside) < least || len(inside) > most {
		f.add(path+".components", "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", least, most)
	}
	for i, e := range inside {
		f.part(e, fmt.Sprint(path, ".components.", i), parts[kind].inside, count, chars, seen)
	}
}

// each calls f for every component of a message, in the order in which they are
// read.
func each(components []map[string]any, f func(c object)) {
	for _, c := range components {
		f(c)
		each(list(c, "components"), f)
		if a := obj(c, "accessory"); a != nil {
			f(a)
		}
	}
}

// said is a field as the API answers it: with what it is where nobody said it.
func said(o object, key string, otherwise any) {
	if _, has := o[key]; !has {
		o[key] = otherwise
	}
}

// numbered is a component as it is kept: with ids, and with what it did not say.
func numbered(o object, id *int) object {
	o = maps.Clone(o)
	if *id++; num(o, "id") == 0 {
		o["id"] = float64(*id)
	}
	switch num(o, "type") {
	case 3:
		said(o, "min_values", 1.0)
		said(o, "max_values", 1.0)
	case 11:
		media := maps.Clone(obj(o, "media"))
		media["id"], media["proxy_url"] = "1", media["url"]
		o["media"] = media
		said(o, "description", nil)
		said(o, "spoiler", false)
	case 17:
		said(o, "accent_color", nil)
		said(o, "spoiler", false)
	}
	if _, has := o["components"]; has {
		var inside []any
		for _, c := range list(o, "components") {
			inside = append(inside, numbered(c, id))
		}
		o["components"] = inside
	}
	if a := obj(o, "accessory"); a != nil {
		o["accessory"] = numbered(a, id)
	}
	return o
}
