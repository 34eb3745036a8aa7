# Everything a newcomer needs: `make demo`, `make test`. Each target sets up what it needs.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)

.DEFAULT_GOAL := help
.PHONY: help demo test test-s3 unit types lint docs audit bench clean

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

$(VENV)/ready: setup.cfg pyproject.toml
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/ready  ## Export the sample workspace to notion-sync-demo/
	$(BIN)/notion-sync demo

test: lint types docs audit unit  ## All checks: lint, types, docs, audit, tests with coverage

test-s3: $(VENV)/ready  ## The S3 sink against a real Ceph gateway (installs Debian's radosgw if missing)
	tests/radosgw.sh $(BIN)/pytest --quiet -m radosgw tests/plugins

unit: $(VENV)/ready  ## Tests, with coverage
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

types: $(VENV)/ready  ## mypy, strict
	$(BIN)/mypy

lint: $(VENV)/ready  ## ruff: style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

docs: $(VENV)/ready  ## Links and examples in the documentation
	$(BIN)/pytest --quiet tests/test_docs.py

audit: $(VENV)/ready  ## bandit over the source
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml notion_sync_core plugins

bench: $(VENV)/ready  ## Measure speed, requests and memory
	$(BIN)/python tests/benchmarks/run.py

clean:  ## Remove what the targets made
	rm -rf $(VENV) build dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis plugins/*.egg-info
