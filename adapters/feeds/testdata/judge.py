"""Reads the feeds and lists of feeds that are named, as Python's readers do, and says in
JSON what they hold, and what is wrong with them."""

import json
import sys

import feedparser
import listparser

for path in sys.argv[1:]:
    with open(path, "rb") as f:
        text = f.read()
    if path.endswith(".opml"):
        d = listparser.parse(text.decode())
        out = {"wrong": bool(d.bozo), "entries": [[f.title, f.url] for f in d.feeds]}
    else:
        d = feedparser.parse(text)
        out = {"wrong": bool(d.bozo) or d.version != "atom10", "entries": [[e.title, e.id] for e in d.entries]}
    print(json.dumps(out))
