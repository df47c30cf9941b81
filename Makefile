# One command each.  `make up` and `make test` need nothing but Python, make and (for Debian packages) root.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

READERS := tests/e2e/readers
.PHONY: help up test check lint bench bench-detection fuzz docs format lock clean packages test-packages

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

up: .venv/run packages  ## set up and run the whole program: doors, workers, console
	@$(BIN)/lazaretto up $(if $(CONFIG),--config $(CONFIG))

test: .venv/dev test-packages $(READERS)/node_modules/.package-lock.json  ## all tests, with the real servers
	@$(BIN)/python -m pytest $(ARGS)

check: lint  ## format, lint, types, imports, layout, fast tests
	@$(BIN)/python -m pytest -q -m "not e2e" $(ARGS)

lint: .venv/dev  ## the same without the tests
	@$(BIN)/ruff format --check src tests bench fuzz examples
	@$(BIN)/ruff check src tests bench fuzz examples
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: .venv/dev  ## speed, as ratios
	@$(BIN)/python -m bench $(ARGS)

bench-detection: .venv/dev  ## what is found in labelled sets (SETS=folder with a manifest.jsonl)
	@$(BIN)/python -m bench.detection $(SETS) $(ARGS)

fuzz: .venv/dev  ## all fuzz targets, SECONDS each (default 60)
	@$(BIN)/python -m fuzz $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH)) $(ARGS)

docs: .venv/dev  ## reference pages that are made from the code
	@$(BIN)/python docs/make_reference.py

format: .venv/dev  ## rewrite the sources in the house style
	@$(BIN)/ruff format src tests bench fuzz examples
	@$(BIN)/ruff check --fix src tests bench fuzz examples

lock:  ## pin the dependencies of pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q --python-version 3.11 \
	  --extra console --group build pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q --python-version 3.11 \
	  --extra console --group dev pyproject.toml -o requirements-dev.txt

.venv/run: requirements.txt pyproject.toml
	@packaging/venv $(PYTHON) requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt pyproject.toml
	@packaging/venv $(PYTHON) requirements-dev.txt
	@touch $@ .venv/run

# Mail parsers of npm that the tests ask what they see.
$(READERS)/node_modules/.package-lock.json: $(READERS)/package-lock.json | test-packages
	@npm ci --prefix $(READERS) --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

packages:
	@packaging/apt run

test-packages:
	@packaging/apt test

clean:  ## remove what was installed and built here
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache $(READERS)/node_modules
