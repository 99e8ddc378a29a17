//go:build sqlite_fts5 && cgo

package main

import "github.com/mattn/go-sqlite3"

// fullText says that this program was built with SQLite and its full-text search.
const fullText = true

func sqliteVersion() string {
	version, _, _ := sqlite3.Version()
	return version
}
