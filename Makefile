# Every command of the project; `make` alone lists them. Only Python 3.11 to 3.14 must be there.

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
COVERING := tests/unit/core/matching tests/unit/core/market tests/scenarios tests/cases
COVERING_COMPILED := tests/unit/core/matching/compiled tests/properties/test_batch.py -k 'not damaged'
UV ?= uv
WORKERS ?= 0
JARS := .cache/kafka/jars

# Kept byte code halves the time of a start; an environment that forbids it (as images often do) is overruled.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run fast kafka kafka-stop test test-kafka check types style lint format docs lock coverage mutants bench clean chromium java

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Start the exchange on http://localhost:7860; Ctrl-C stops it
	@exec $(BIN)/stockex up

test: $(VENV)/.dev chromium ## Run all tests but those that need Kafka; WORKERS=2 in two processes
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --ignore tests/kafka $(addprefix --ignore ,$(DONE))

test-kafka: $(VENV)/.dev $(JARS)/.fetched ## Run the tests that need Kafka, on a broker of their own
	STOCKEX_TEST_KAFKA=required $(BIN)/pytest tests/kafka

check: types style ## Check format, lint, types, layers, sizes and documentation

types: $(VENV)/.dev
	$(BIN)/mypy src tests docs/generate.py kafka $(wildcard benchmarks)

style: $(VENV)/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/pytest tests/tidy tests/docs

fast: $(VENV)/.run ## Install the compiled book
	@echo "Installing requirements-fast.lock"
	@$(INSTALL) -r requirements-fast.lock

kafka: $(VENV)/.kafka $(JARS)/.fetched ## Fetch Apache Kafka and run one node on localhost:9092; needs Java 17 and Maven
	@$(BIN)/python kafka/broker.py start

kafka-stop: $(VENV)/.kafka ## Stop the node of `make kafka`; its data stay
	@$(BIN)/python kafka/broker.py stop

lint: types ## Lint and check types only
	$(BIN)/ruff check

format: $(VENV)/.dev ## Format the code and mend what the linter can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(VENV)/.dev ## Write docs/reference anew from the code
	$(BIN)/python docs/generate.py

lock: ## Pin the dependencies anew; needs uv, and UPGRADE=--upgrade for newer versions
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.lock
	$(COMPILE) $(UPGRADE) --extra fast -c requirements.lock pyproject.toml -o requirements-fast.lock
	$(COMPILE) $(UPGRADE) --extra kafka -c requirements-fast.lock pyproject.toml -o requirements-kafka.lock
	$(COMPILE) $(UPGRADE) --extra dev -c requirements-fast.lock -c requirements-kafka.lock pyproject.toml -o requirements-dev.lock

coverage: $(VENV)/.dev ## Count the branches of core/matching and core/market that tests take; fails below all of them
	@rm -rf .coverage .coverage.* .cache/coverage
	NUMBA_CACHE_DIR=.cache/coverage $(BIN)/coverage run -p -m pytest $(COVERING)
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -p -m pytest $(COVERING_COMPILED)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=100

mutants: $(VENV)/.dev ## Break core/matching in a thousand ways and count what the tests notice; some minutes
	$(BIN)/mutmut run
	$(BIN)/mutmut results

books: fast ## Measure the books on ten million messages, beside four of other packages; some ten minutes
	$(BIN)/python benchmarks/matching.py

bench: $(VENV)/.run ## Measure orders a second from REST to the durable answer
	$(BIN)/stockex bench live

clean: ## Remove the environment and all caches; the data stay
	rm -rf $(VENV) .cache mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist

# pip is the last thing that venv makes: an interrupted one is made again.
$(BIN)/pip:
	@for python in $(PYTHON) python3.11 python3.14 python3.13 python3.12 python3; do \
	  if $$python -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; \
	  then echo "Making $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); fi; \
	done; echo "No Python 3.11 to 3.14 with venv found (on Debian: apt-get install python3-venv)" >&2; exit 1

# Nothing is built: a path file makes `src` importable, and the command is three lines of shell.
$(VENV)/.run: requirements.lock | $(BIN)/pip
	@echo "Installing requirements.lock"
	@$(INSTALL) -r requirements.lock
	@$(BIN)/python -c 'import os, sysconfig; \
	  open(sysconfig.get_path("purelib") + "/stockex.pth", "w").write(os.path.abspath("src") + "\n")'
	@printf '%s\n' '#!/bin/sh' '# Run StockEx from its sources.' 'exec "$$(dirname "$$0")/python" -m stockex "$$@"' \
	  > $(BIN)/stockex
	@chmod +x $(BIN)/stockex
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.kafka: requirements-kafka.lock $(VENV)/.run
	@echo "Installing requirements-kafka.lock"
	@$(INSTALL) -r requirements-kafka.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing requirements-dev.lock"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

chromium:
	@if ! command -v chromium >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get -qq update </dev/null && apt-get -qq install -y --no-install-recommends chromium </dev/null; \
	  else echo "No chromium here: the browser tests will be skipped" >&2; fi; fi

# The broker's jars, by Maven and the coordinates of kafka/pom.xml.
$(JARS)/.fetched: kafka/pom.xml | java
	@echo "Fetching the jars of Apache Kafka"
	@rm -rf $(JARS) && mkdir -p $(JARS)
	@mvn -q -B -f kafka/pom.xml dependency:copy-dependencies -DoutputDirectory="$(CURDIR)/$(JARS)"
	@touch $@

java:
	@if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get -qq update </dev/null && apt-get -qq install -y --no-install-recommends openjdk-17-jre-headless maven </dev/null; \
	  else echo "Kafka needs Java 17 and Maven (on Debian: apt-get install openjdk-17-jre-headless maven)" >&2; exit 1; fi; fi
