// Package pictures shows a morning as people see it: its test runs the bot with
// its real adapters before the fakes of Slack and Discord, and draws what they
// were sent with adapters/web/skins. Every message must be drawn wholly.
//
// The papers are those of internal/catalogue, with its descriptions in our own
// words. With PAPERBOY_SCREENSHOTS=DIR all pages are left there, as HTML and, on
// a desktop and on a phone, as PNG; with -update docs/slack.png and
// docs/discord.png are made anew. `make pictures` does both.
package pictures
