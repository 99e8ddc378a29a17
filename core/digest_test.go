package core

import (
	"testing"
	"time"
)

func TestAnItemNamesAPaperAndWhatVersionComesAgain(t *testing.T) {
	for _, c := range []struct {
		item  Item
		paper PaperID
		again int
	}{
		{PaperItem("2509.24002"), "2509.24002", 0},
		{PaperItem("math/0611800"), "math/0611800", 0},
		{AgainItem("2509.24002", 3), "2509.24002", 3},
		{AgainItem("2509.24002", 12), "2509.24002", 12},
		{HeaderItem(DailyPost, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)), "", 0},
	} {
		id, isPaper := c.item.Paper()
		if id != c.paper || isPaper != (c.paper != "") || c.item.Again() != c.again {
			t.Errorf("%s: %s, %v, again %d", c.item, id, isPaper, c.item.Again())
		}
	}
	if AgainItem("2509.24002", 3) == AgainItem("2509.24002", 4) {
		t.Error("two versions are one line of the ledger")
	}
}
