# Paperboy. `make` alone says what there is.

# SQLite's full-text search is a build tag of its driver, which needs cgo.
TAGS := sqlite_fts5
export CGO_ENABLED := 1

.DEFAULT_GOAL := help
.PHONY: help demo test mutants bench lint build cover pictures

help: ## say what there is
	@echo 'Paperboy posts new papers where a team talks. What make can do:'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## start the playground at http://127.0.0.1:8080: no token, no network needed
	@bin/bot demo

build: ## build bin/bot
	@test -e bin/bot || echo 'The first build compiles SQLite: one to two minutes.'
	go build -tags $(TAGS) -o bin/bot ./cmd/bot

# The race detector, or nothing: make test RACE=
RACE := -race

test: ## run the whole test suite, with the race detector
	go test $(RACE) -vet=off -tags $(TAGS) ./...

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

cover: ## say how much of each package the tests reach; coverage.out has the lines
	go test -tags $(TAGS) -coverpkg=./... -coverprofile=coverage.out ./...
	@go tool cover -func=coverage.out | tail -n 1
