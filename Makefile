# `make` lists the commands. Continuous integration runs the same ones.

PORT ?= 8008
DATA ?= data
CONFIGURATION ?= release
ARGUMENTS ?=

SWIFT_FLAGS := -c $(CONFIGURATION) --explicit-target-dependency-import-check error
NARU := .build/$(CONFIGURATION)/naru
WEB := .build/web
VENV := .build/venv
WEB_SOURCES := $(shell find Web -type f)
SWIFT_SOURCES := Package.swift $(shell find Sources -type f)

.DEFAULT_GOAL := help
.PHONY: help run build web web-core test test-swift test-coverage test-configuration test-acceptance test-web test-counts test-allocations lint format bench verify coverage configuration clean setup setup-test

help: ## List the commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup build web ## Serve Naru; PORT=8008 DATA=data ARGUMENTS="--…"
	@exec $(NARU) serve --port $(PORT) --data $(DATA) --web $(WEB) $(ARGUMENTS)

build: setup $(NARU) ## Build the server

# Named by its sources, so that starting again need not ask the package manager, which takes seconds to say no.
$(NARU): $(SWIFT_SOURCES)
	@swift build $(SWIFT_FLAGS) --product naru
	@touch $@

web: setup $(WEB)/index.html ## Build the web client

$(WEB)/index.html: $(WEB_SOURCES)
	@rm -f $(WEB)/*.gz
	@Web/build $(WEB)
	@gzip --best --keep --force $(WEB)/*.js $(WEB)/*.css $(WEB)/*.svg $(WEB)/*.html

web-core: setup ## Build the core as WebAssembly and hold it against its size limit
	@scripts/web-core

test: setup-test lint test-swift test-allocations test-coverage test-configuration test-acceptance test-web ## Run every test

test-swift: setup-test ## Run the tests written in Swift
	@swift build $(SWIFT_FLAGS) --build-tests
	@swift test $(SWIFT_FLAGS) --skip-build

test-web: setup-test build web web-core $(VENV)/.ready ## Check the web client and drive it in two browsers
	@VENV=$(VENV) Web/check
	@$(VENV)/bin/python -m pytest -q Tests/Web

test-acceptance: setup-test build $(VENV)/.ready ## Drive the server with other people's clients, crashes and nonsense
	@swift build $(SWIFT_FLAGS) --product EncryptionPeer
	@$(VENV)/bin/python -m pytest -q Tests/Acceptance

test-coverage: build $(VENV)/.ready ## Hold docs/spec-coverage.md against the router and the specification, docs/rules.md against the tests
	@$(NARU) endpoints | $(VENV)/bin/python scripts/spec-coverage --check docs/spec-coverage.md
	@$(VENV)/bin/python scripts/rules --check docs/rules.md

# Always of a release build: that is what the limits are of.
WORK_COUNTS := .build/release/WorkCounts
BUILD_WORK_COUNTS := swift build -c release --explicit-target-dependency-import-check error --product WorkCounts

test-counts: setup-test ## Hold what send, sync and fan-out take against its limits, by instructions
	@$(BUILD_WORK_COUNTS)
	@scripts/count-work $(WORK_COUNTS)

test-allocations: setup-test ## The same by allocations alone, in seconds
	@$(BUILD_WORK_COUNTS)
	@scripts/count-work $(WORK_COUNTS) --only-allocations

lint: setup-test ## Check formatting and the house rules
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests
	@scripts/tidy
	@scripts/web-core --check

format: ## Format the Swift code
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

bench: build ## Compare with Synapse on this machine
	@scripts/bench-compare

verify: build ## Check the whole history in DATA; stop the server first
	@$(NARU) verify --data $(DATA)

coverage: build $(VENV)/.ready ## Write docs/spec-coverage.md and docs/rules.md; MATRIX_SPEC names the specification's folder
	@$(NARU) endpoints | $(VENV)/bin/python scripts/spec-coverage docs/spec-coverage.md
	@$(VENV)/bin/python scripts/rules docs/rules.md

configuration: build ## Write docs/configuration.md from the table of options
	@$(NARU) configuration > docs/configuration.md

test-configuration: build ## Hold docs/configuration.md against the table of options
	@$(NARU) configuration | diff docs/configuration.md - || { echo "run make configuration"; exit 1; }

clean: ## Delete what was built
	@rm -rf .build

setup: # What building and serving need
	@scripts/setup run

setup-test: # What testing needs besides
	@scripts/setup test

$(VENV)/.ready: Tests/requirements.txt
	@python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --requirement Tests/requirements.txt
	@touch $@
