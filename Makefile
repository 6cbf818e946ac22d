# The few commands of Interictal. Go's own tool fetches the compiler that go.mod names,
# also where an older one is installed and told to stay local.
export GOTOOLCHAIN := auto
SHELL   := /bin/bash
ADDRESS ?= 127.0.0.1:8090
WEB     := pb_public
SOURCES := $(shell find main.go go.mod go.sum hooks migrations $(WEB)/embed.go -name '*.go' -o -name 'go.*' 2>/dev/null)
PAGES   := $(shell find $(WEB)/src $(WEB)/public $(WEB)/*.ts $(WEB)/*.js $(WEB)/*.json -type f 2>/dev/null)

# What lets things happen at once runs under the race detector too; elsewhere one thing happens after another, and it only
# takes four times as long. `make soak` runs all of it.
ATONCE  := ^($(shell grep -oh '^func Test[A-Za-z0-9_]*' $(foreach f,hub stream gate careplan_race chaos compare database server,hooks/$f_test.go) | cut -c6- | paste -sd'|'))$$|AtOnce|Race|SameMoment|LoseNeither

# The detector watches our Go and not the C of SQLite, which was translated, has locks of its own and costs ten times as much to watch.
RACE    := -race -gcflags=all=-d=checkptr=0 '-gcflags=modernc.org/...=-race=false -d=checkptr=0'

.PHONY: demo serve build test test-go test-web test-browser soak pictures bench clean

demo: build bin/seed            ## everything up to a running server with a demo clinic
	@bin/seed --dir pb_demo --address http://$(ADDRESS)
	./interictal serve --dir pb_demo --http $(ADDRESS)

serve: build                    ## the same without demo data
	./interictal serve --http $(ADDRESS)

build: interictal

interictal: $(SOURCES) $(WEB)/dist/app/index.html
	go build -trimpath -o $@ .

bin/seed: $(SOURCES)
	go build -o $@ ./hooks/hookstest/demo

$(WEB)/node_modules/.done: $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(WEB)/dist/app/index.html: $(PAGES) $(WEB)/node_modules/.done
	cd $(WEB) && npm run --silent build
	@touch $@

test: test-go test-web test-browser  ## everything, on a fresh machine, in under 15 minutes
	@echo "All tests passed."

test-go: $(WEB)/dist/app/index.html
	test -z "$$(gofmt -l main.go hooks migrations $(WEB)/*.go)"
	go vet ./...
	go test -timeout 20m -parallel 4 ./...  # they wait for the disk
	go test $(RACE) -timeout 20m -run '$(ATONCE)' ./hooks

test-web: $(WEB)/node_modules/.done
	cd $(WEB) && npm run --silent check && echo 'ok   B-22 no warning of Svelte or of the types'
	cd $(WEB) && npm run --silent test

test-browser: build bin/seed
	@.ci/browser > /dev/null
	cd $(WEB) && CHROMIUM="$$(../.ci/browser)" INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" npm run --silent e2e

soak: build bin/seed            ## the long seeded runs, and a screenshot of every screen in bin/shots
	go test $(RACE) -timeout 60m ./hooks
	go test $(RACE) -count=20 -run 'Random|Property|Race|Phones|Converge' ./hooks/... -timeout 60m
	HISTORIES=10000 go test ./hooks/careplan -count=1 -timeout 60m
	PEOPLE=2000 go test ./hooks/triggers -count=1 -v -run HoldsUp -timeout 60m
	SEEDS=5000 go test ./hooks/hookstest/model -count=1 -timeout 120m
	KILLS=100 go test -run AKillLeaves ./hooks -count=1 -timeout 120m
	MEGABYTES=200 go test -run RandomSecond ./hooks -count=1 -v -timeout 60m
	cd $(WEB) && SEEDS=1000 npx vitest run src/lib/store.random.test.ts
	cd $(WEB) && INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" SEEDS=200 node e2e/rxdb-converge.mjs
	cd $(WEB) && INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" SEEDS=100 node e2e/watermelon.mjs
	cd $(WEB) && CHROMIUM="$$(../.ci/browser)" INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" ACTIONS=200 SEEDS=10 node e2e/phones.mjs
	cd $(WEB) && SEEDS=50000 npx vitest run src/app/import
	for fuzz in clinic:FuzzParseDay entry:FuzzCheck diarycsv:FuzzRead weathercsv:FuzzRead progress:FuzzHalved medication:FuzzFlagNamed safety:FuzzReadAnswers outcomes:FuzzAnswers; do \
	  go test -run '^$$' -fuzz $${fuzz#*:} -fuzztime 60s ./hooks/$${fuzz%:*} || exit 1; done
	cd $(WEB) && CHROMIUM="$$(../.ci/browser)" INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" SHOTS="$(CURDIR)/bin/shots" RESTARTS=20 npm run --silent e2e

pictures: build bin/seed        ## takes the pictures of docs/img anew, as two journeys see them; look at each before it is committed
	cd $(WEB) && export CHROMIUM="$$(../.ci/browser)" INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" SHOTS="$$(mktemp -d)" && \
	  node e2e/quality.mjs && node e2e/desk.mjs && cd "$$SHOTS" && cp today.png attack.png caseload.png diary.png "$(CURDIR)/docs/img"

bench: build bin/seed           ## benchmarks; compare ratios within one run only
	cd $(WEB) && CHROMIUM="$$(../.ci/browser)" INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" BENCH=1 node e2e/pace.mjs
	cd $(WEB) && CHROMIUM="$$(../.ci/browser)" INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" BENCH=1 node e2e/journeys.mjs
	go test -run '^$$' -bench . -benchmem ./hooks/...
	cd $(WEB) && INTERICTAL="$(CURDIR)/interictal" SEED="$(CURDIR)/bin/seed" node bench/peers.mjs  # npm ci --ignore-scripts in $(WEB)/bench installs the peers

clean:
	rm -rf interictal bin $(WEB)/dist/assets $(WEB)/dist/app $(WEB)/dist/therapist $(WEB)/dist/index.html $(WEB)/node_modules $(WEB)/bench/node_modules
