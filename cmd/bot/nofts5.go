//go:build !sqlite_fts5

package main

// fullText is false: without SQLite's full-text search nothing can be kept or found.
const fullText = false
