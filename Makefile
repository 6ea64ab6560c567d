# Everything that a person or a machine does here. It needs Go and make; ./install.sh gets the rest when it is missing.

GO ?= go
TOOL = $(GO) tool -modfile=tools/go.mod

.PHONY: help run build generate quick test race chaos bench check

help: ## show these lines
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name words; do printf 'make %-10s %s\n' "$$name" "$$words"; done

run: ## install what is missing, build, and open the shop on this machine
	@./install.sh $(if $(DATABASE_URL),,postgres) $(if $(REDIS_URL),,redis)
	@$(MAKE) --no-print-directory build
	@./guiche dev

build: ## build ./guiche
	$(GO) build -o guiche .

generate: ## write the Go code of the templ files
	$(GO) tool templ generate

# Most of a test is waiting, so more go together than there are processors.
TEST = $(GO) test -parallel 8

quick: ## run the tests that take little: no browser, no chaos, no random stories, no crowds, no tables of all forms, no other releases
	@./install.sh postgres redis
	$(TEST) -short -timeout 10m ./web ./store ./... # the longest first

test: ## install what is missing and run every test, in a real browser too
	@./install.sh postgres redis chromium
	$(TEST) -timeout 15m ./...

race: ## run every test under the race detector; needs a C compiler
	@./install.sh postgres redis chromium
	$(TEST) -race -timeout 30m ./...

chaos: ## kill, stop and cut off everything while orders are decided, 100000 or ORDERS=n of them
	@./install.sh postgres redis
	$(GO) test -count=1 -timeout 60m -v ./chaos -args -orders=$(or $(ORDERS),100000)

bench: ## measure the line beside what it is compared with, and write docs/bench.md; on an otherwise idle machine
	@./install.sh postgres redis
	$(GO) test ./jobs/generator -run '^$$' -bench Line -benchtime 1x -timeout 30m -args -report=$(CURDIR)/docs/bench.md
	$(GO) test ./web -run '^$$' -bench Fans -benchtime 1x -timeout 30m -args -report=$(CURDIR)/docs/bench.md # appended

check: ## formatting, vet, staticcheck, known vulnerabilities, and generated files in step with their sources
	@unformatted=$$($(TOOL) gofumpt -l .) && if [ -n "$$unformatted" ]; then echo "gofumpt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(GO) tool templ generate -check -keep-orphaned-files -log-level warn
	@for file in $$(find */ -name '*_templ.go'); do [ -e "$${file%_templ.go}.templ" ] || { echo "$$file has no source any more"; exit 1; }; done
	@said=$$($(TOOL) govulncheck ./... 2>&1) || case $$said in \
		*"fetching vulnerabilities:"*) echo "govulncheck cannot reach its database from here: nobody has looked for known vulnerabilities";; \
		*) echo "$$said"; exit 1;; \
	esac
