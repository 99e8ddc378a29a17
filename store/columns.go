package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// The types here stand between a Go value and its column in both directions,
// so that one list of places serves SELECT, INSERT and UPDATE.

// millis keeps a time as milliseconds since 1970 in UTC, none as 0.
type millis struct{ t *time.Time }

func (m millis) Value() (driver.Value, error) { return ms(*m.t), nil }

func (m millis) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a time is kept as %T", src)
	}
	*m.t = time.Time{}
	if n != 0 {
		*m.t = time.UnixMilli(n).UTC()
	}
	return nil
}

// ms is the time as its column has it.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// optional keeps the id of another row, none as NULL.
type optional struct{ id *int64 }

func (o optional) Value() (driver.Value, error) {
	if *o.id == 0 {
		return nil, nil
	}
	return *o.id, nil
}

func (o optional) Scan(src any) error {
	*o.id, _ = src.(int64)
	return nil
}

// document keeps a value as JSON. What is read is laid over what v has, so
// that what an older version did not write keeps its default.
type document struct{ v any }

func (d document) Value() (driver.Value, error) {
	b, err := json.Marshal(d.v)
	return string(b), err
}

func (d document) Scan(src any) error {
	b, err := raw(src)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, d.v)
}

// orElse is a document that is read as something else where it is damaged: that
// harms nothing but what it says.
type orElse[T any] struct {
	v         *T
	otherwise T
}

func (o orElse[T]) Scan(src any) error {
	if (document{o.v}).Scan(src) != nil {
		*o.v = o.otherwise
	}
	return nil
}

// list keeps strings as JSON; none is [] and read as nil.
type list struct{ s *[]string }

func (l list) Value() (driver.Value, error) {
	if len(*l.s) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(*l.s)
	return string(b), err
}

func (l list) Scan(src any) error {
	*l.s = nil
	b, err := raw(src)
	if err != nil || string(b) == "[]" {
		return err
	}
	return json.Unmarshal(b, l.s)
}

func raw(src any) ([]byte, error) {
	switch s := src.(type) {
	case string:
		return []byte(s), nil
	case []byte:
		return s, nil
	}
	return nil, fmt.Errorf("JSON is kept as %T", src)
}

// places writes $1, $2 … for the columns of a list such as "a, b, c".
func places(columns string) string { return placesFrom(1, strings.Count(columns, ",")+1) }

// placesFrom writes n of them, from a number on.
func placesFrom(first, n int) string {
	p := make([]string, n)
	for i := range p {
		p[i] = fmt.Sprintf("$%d", first+i)
	}
	return strings.Join(p, ", ")
}

// assign writes "a = $1, b = $2 …" for the columns of a list.
func assign(columns string) string {
	c := strings.Split(columns, ",")
	for i := range c {
		c[i] = fmt.Sprintf("%s = $%d", strings.TrimSpace(c[i]), i+1)
	}
	return strings.Join(c, ", ")
}

// in is "column is one of", for a parameter made by many.
func in(column, parameter string) string { return column + " = ANY (" + parameter + ")" }

// many is a list as one parameter.
func many[T ~string | ~int64](values []T) listOf[T] { return listOf[T]{values} }

type listOf[T ~string | ~int64] struct{ values []T }

// Value is the list as JSON.
func (l listOf[T]) Value() (driver.Value, error) {
	if l.values == nil {
		return "[]", nil
	}
	b, err := json.Marshal(l.values)
	return string(b), err
}

// array is the list as the elements' plain type: []string or []int64.
func (l listOf[T]) array() any {
	var texts []string
	var numbers []int64
	for _, v := range l.values {
		switch v := reflect.ValueOf(v); v.Kind() {
		case reflect.String:
			texts = append(texts, v.String())
		default:
			numbers = append(numbers, v.Int())
		}
	}
	if reflect.TypeFor[T]().Kind() == reflect.String {
		return append([]string{}, texts...)
	}
	return append([]int64{}, numbers...)
}
