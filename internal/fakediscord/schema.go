package fakediscord

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"paperboy/internal/recordings"
)

// Schema is Discord's published description of its API.
type Schema struct {
	Paths map[string]map[string]struct {
		RequestBody struct {
			Content map[string]struct{ Schema object }
		}
		Responses map[string]struct {
			Content map[string]struct{ Schema object }
		}
	}
	Components struct{ Schemas map[string]object }
}

// ReadSchema reads it. A test without it is skipped, and says so.
func ReadSchema(t testing.TB) (api *Schema) {
	var all struct {
		Paths      map[string]object
		Components json.RawMessage
	}
	if err := json.NewDecoder(recordings.OpenSpec(t, "discord-openapi.json.gz")).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, item := range all.Paths {
		delete(item, "parameters") // the only part of a path that is no method
	}
	cleaned, _ := json.Marshal(map[string]any{"paths": all.Paths, "components": all.Components})
	if err := json.Unmarshal(cleaned, &api); err != nil {
		t.Fatal(err)
	}
	return api
}

// Named holds a value, as it is sent, against one of the described things.
func (api *Schema) Named(name string, v any) []string {
	raw, err := json.Marshal(v)
	var sent any
	if err == nil {
		err = json.Unmarshal(raw, &sent)
	}
	if err != nil {
		return []string{err.Error()}
	}
	return api.Check(name, api.Components.Schemas[name], sent)
}

// Check holds a decoded value against a schema: types, required fields, choices,
// lengths.
func (api *Schema) Check(at string, schema object, v any) (problems []string) {
	if ref, ok := schema["$ref"].(string); ok {
		return api.Check(at, api.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], v)
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		choices, ok := schema[key].([]any)
		if !ok || schema["type"] != nil { // typed ones list their named values
			continue
		}
		var least []string
		for i, choice := range choices {
			found := api.Check(at, choice.(object), v)
			if len(found) == 0 {
				least = nil
				break
			}
			if i == 0 || len(found) < len(least) {
				least = found
			}
		}
		problems = append(problems, least...)
	}
	bad := func(format string, args ...any) { problems = append(problems, at+": "+fmt.Sprintf(format, args...)) }
	if kinds := fmt.Sprint(schema["type"]); schema["type"] != nil && !slices.Contains(strings.Fields(strings.Trim(kinds, "[]")), kind(v)) &&
		!(kind(v) == "integer" && strings.Contains(kinds, "number")) {
		bad("%v is no %s", v, kinds)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		bad("%v is none of %v", v, enum)
	}
	limit := func(key string, broken func(limit float64) bool) {
		if n, ok := schema[key].(float64); ok && broken(n) {
			bad("%s is %v", key, n)
		}
	}
	switch v := v.(type) {
	case string:
		limit("maxLength", func(most float64) bool { return float64(utf8.RuneCountInString(strings.TrimSpace(v))) > most }) // Discord trims
		limit("minLength", func(least float64) bool { return float64(utf8.RuneCountInString(v)) < least })
	case object:
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				bad("no %v", name)
			}
		}
		properties, _ := schema["properties"].(object)
		for name, field := range v {
			if p, ok := properties[name].(object); ok {
				problems = append(problems, api.Check(at+"."+name, p, field)...)
			}
		}
	case []any:
		limit("maxItems", func(most float64) bool { return float64(len(v)) > most })
		limit("minItems", func(least float64) bool { return float64(len(v)) < least })
		items, _ := schema["items"].(object)
		for i, e := range v {
			problems = append(problems, api.Check(fmt.Sprint(at, ".", i), items, e)...)
		}
	}
	return problems
}

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case object:
		return "object"
	case []any:
		return "array"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
	}
	return "number"
}
