//go:build !sqlite_fts5 || !cgo

package main

// fullText is false: without SQLite's full-text search nothing can be kept or
// found. The driver has it with a build tag only, and nothing at all without
// cgo.
const fullText = false

func sqliteVersion() string { return "" }
