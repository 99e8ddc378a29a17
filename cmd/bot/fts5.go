//go:build sqlite_fts5

package main

// fullText says that this program was built with SQLite's full-text search.
const fullText = true
