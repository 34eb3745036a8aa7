# Everything a newcomer needs: `make demo`, `make test`. Each target sets up what it needs.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)

PYTHONS ?= 3.11 3.12 3.13 3.14
# What differs between Pythons: the language and its library. Campaigns, S3 and whole runs are the same on each.
QUICK := tests/core tests/cli tests/third_party $(filter-out %_linear.py %_hostile.py %_text.py tests/plugins/test_s3%,\
	$(wildcard tests/plugins/test_*.py))
# Folders of tests lie in memory where there is some: a disk is waited for at each of our many fsyncs.
export TMPDIR ?= $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4e6 {found = "/dev/shm"} END {print found ? found : "/tmp"}')
# Hundreds of processes start in tests: none needs compile again what another has.
unexport PYTHONDONTWRITEBYTECODE
WORKERS := --numprocesses auto --dist worksteal
WHOLLY_HERE := not web and not chaos and not campaign and not disks and not official
# What must hold whatever happens: lives of two states of one sink, and what plan says of what sync then does.
PROPERTIES := tests/faults/test_two_states.py tests/faults/test_plan_exact.py
CAMPAIGNS := campaign and not web and not chaos and not disks and not official

WEB_PACKAGES := axe-core@4 @docusaurus/core@3 @docusaurus/preset-classic@3 react@19 react-dom@19 remark-math@6
TYPES_PACKAGES := @notionhq/client@5.26.0 ts-json-schema-generator@2 typescript@5

.DEFAULT_GOAL := help
.PHONY: help demo test checks integration coverage site regressions properties campaigns quick mutants unit pylint pythons wheel test-s3 test-fleet fleet-demo test-monitoring test-deploy test-disks test-types test-recipes test-web chaos chaos-crash chaos-faults exam-mutants types lint docs pictures reference audit bench bench-text bench-check drill sbom constraints clean

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

$(VENV)/ready: setup.cfg pyproject.toml
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/ready  ## Export the sample workspace to notion-sync-demo/
	$(BIN)/notion-sync demo

test: checks unit integration coverage regressions  ## All checks: of the code, tests with coverage, regressions

checks: $(VENV)/ready  ## What looks at the code and the documentation without running them, two things at a time
	$(MAKE) --no-print-directory --output-sync=target --jobs 2 types pylint lint site audit

# Instructions, requests and bytes are the same however busy the machine is: what counts them needs no core of its own.
regressions: $(VENV)/ready
	$(MAKE) --no-print-directory --output-sync=target --jobs 2 bench-check properties

properties: $(VENV)/ready
	$(BIN)/pytest --quiet $(WORKERS) $(PROPERTIES)

campaigns: $(VENV)/ready  ## Kills, bad networks and disks, hostile content, packages and examples installed: samples of make chaos
	$(BIN)/pytest --quiet $(WORKERS) -m '$(CAMPAIGNS)' $(PROPERTIES:%=--ignore %) $(PYTEST)

quick: $(VENV)/ready  ## The unit tests without coverage, in a minute or so (PYTEST="-k word" for some)
	$(BIN)/pytest --quiet $(WORKERS) -m '$(WHOLLY_HERE)' $(QUICK) $(PYTEST)

mutants: $(VENV)/ready  ## Change gate, state and stages a little: 85 % must be noticed (MUTANTS="--seed 2 --count 50")
	$(BIN)/python tests/mutants.py $(MUTANTS)

test-s3: $(VENV)/ready  ## The S3 sink against a real Ceph gateway (installs Debian's radosgw if missing)
	tests/radosgw.sh $(BIN)/pytest --quiet -m radosgw tests/plugins

test-monitoring: $(VENV)/ready  ## Alerts and dashboard against a real Prometheus (brings Debian's if it is missing)
	tests/prometheus.sh $(BIN)/pytest --quiet tests/monitoring

test-fleet: $(VENV)/ready  ## The fleet's desk and ledger on a real PostgreSQL (brings Debian's if it is missing)
	tests/postgres.sh $(BIN)/pytest --quiet tests/fleet

fleet-demo: $(VENV)/ready  ## Two workers, eight workspaces, a desk and a bucket; one worker is killed (brings PostgreSQL if it is missing)
	tests/postgres.sh $(BIN)/python tests/fleet/demo.py

unit: $(VENV)/ready  ## The same tests as quick, with coverage
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest --quiet $(WORKERS) -m '$(WHOLLY_HERE)' $(QUICK) $(PYTEST)

integration: $(VENV)/ready  ## All others that need nothing from outside: whole runs, faults, S3, docs; adds to the coverage of unit
	$(BIN)/coverage run -m pytest --quiet $(WORKERS) -m '$(WHOLLY_HERE)' $(QUICK:%=--ignore=%) $(PYTEST)

coverage: $(VENV)/ready  ## What unit and integration together left out
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

pythons: $(VENV)/ready  ## Quick unit tests, warnings as errors, on each other Python that the machine has
	@for version in $(filter-out $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])'),$(PYTHONS)); do \
		python=$$(tests/find_python.sh $$version) || { echo "$$version: not on this machine, skipped"; continue; }; \
		echo "$$version: $$python"; \
		$(MAKE) --no-print-directory VENV=.venv-$$version PYTHON="$$python" .venv-$$version/ready && \
		.venv-$$version/bin/python -m pytest --quiet --numprocesses auto -m '$(WHOLLY_HERE)' \
			-p no:cacheprovider $(QUICK) || exit 1; \
	done

wheel:  ## A wheel, installed where nothing else is, passes the demo on each Python that the machine has
	@for version in $(PYTHONS); do \
		python=$$(tests/find_python.sh $$version) || { echo "$$version: not on this machine, skipped"; continue; }; \
		echo "$$version: $$python"; \
		tests/wheel.sh "$$python" || exit 1; \
	done

test-disks: $(VENV)/ready  ## Real exFAT, NTFS and case-folding ext4, as far as they can be mounted here (as root)
	tests/disks.sh $(BIN)/pytest --quiet -m disks tests/faults/test_real_disks.py

test-types: $(VENV)/ready .types/schema.json  ## All that the types of Notion's own client allow, in each format; installs what is missing
	NOTION_SYNC_TYPES=$(CURDIR)/.types/schema.json $(BIN)/pytest --numprocesses auto -m official tests/official $(PYTEST)

.types/schema.json: tests/official/responses.ts tests/official/tsconfig.json
	@command -v npm >/dev/null || { echo "test-types needs npm (Node.js); install it and try again."; exit 1; }
	mkdir -p .types && cp $^ .types/
	npm install --silent --no-audit --no-fund --prefix .types $(TYPES_PACKAGES) || { \
		echo "npm could not install $(TYPES_PACKAGES): is its registry reachable?"; exit 1; }
	cd .types && node_modules/.bin/ts-json-schema-generator --path responses.ts --tsconfig tsconfig.json --type '*' \
		--no-top-ref --out schema.json

test-recipes: $(VENV)/ready  ## The recipes of docs/recipes, each with its libraries (RECIPES="langchain frames" for some)
	PYTHON="$(CURDIR)/$(BIN)/python" tests/recipes/recipes.sh $(RECIPES)

test-web: $(VENV)/web  ## Sites in headless Chromium, MkDocs, Docusaurus, Hugo and Jekyll; installs what is missing
	$(BIN)/pytest -m web tests/web $(PYTEST)

$(VENV)/web: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,web]'
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { \
		echo "Installing Chromium and its driver with apt-get"; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium chromium-driver; } || { \
		echo "test-web needs chromium and chromedriver; install them (Debian: chromium chromium-driver) and try again."; exit 1; }
	@command -v hugo >/dev/null && command -v jekyll >/dev/null || { \
		echo "Installing Hugo and Jekyll with apt-get"; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends hugo jekyll ruby-jekyll-relative-links; } || { \
		echo "test-web needs hugo and jekyll; install them (Debian: hugo jekyll ruby-jekyll-relative-links) and try again."; exit 1; }
	@command -v npm >/dev/null || { echo "test-web needs npm (Node.js); install it and try again."; exit 1; }
	npm install --silent --no-audit --no-fund --prefix .web $(WEB_PACKAGES) || { \
		echo "npm could not install $(WEB_PACKAGES): is its registry reachable?"; exit 1; }
	touch $@

# A large campaign takes its time.
chaos-crash chaos-faults test-deploy test-web test-monitoring: export PYTEST_TIMEOUT = 0

chaos: chaos-crash chaos-faults  ## The large campaigns: kills, power cuts, a model test; their figures go into docs/reliability.md

chaos-crash: $(VENV)/ready
	rm -f .chaos-crash
	CHAOS=1 CRASH_FIGURES=$(CURDIR)/.chaos-crash $(BIN)/pytest --quiet tests/faults/test_kill_points.py \
		tests/faults/test_power_loss.py tests/faults/test_signals.py tests/faults/test_determinism.py tests/faults/test_model.py \
		tests/faults/test_plan_exact.py tests/faults/test_two_states.py tests/history/test_as_of.py \
		tests/faults/test_restore_kills.py
	PASSES_S=0.2 CHAOS=1 CRASH_FIGURES=$(CURDIR)/.chaos-crash $(BIN)/pytest --quiet tests/faults/test_kill_points.py \
		tests/faults/test_model.py
	CRASH_FIGURES=$(CURDIR)/.chaos-crash $(BIN)/python tests/faults/figures.py

chaos-faults: $(VENV)/ready
	$(BIN)/pytest --quiet -m chaos tests/faults tests/plugins/test_markdown_hostile.py tests/plugins/test_markdown_looks.py
	LOOK_LINES=20000 LOOK_TREES=5000 $(BIN)/pytest --quiet tests/plugins/test_html_round_trip.py
	HOSTILE_DOCUMENTS=20000 LOOK_LINES=20000 LOOK_TREES=5000 $(BIN)/pytest --quiet -m web tests/web/test_mdx.py tests/web/test_mdx_looks.py

exam-mutants: $(VENV)/ready  ## Put faults into plugins of each kind and see whether the exams find them (MUTANTS='sinks --builtins')
	$(BIN)/python tests/kit/mutants.py $(MUTANTS)

types: $(VENV)/ready  ## mypy, strict
	$(BIN)/mypy
	$(BIN)/mypy tests/typing/embedding.py

lint: $(VENV)/ready  ## Style and format (ruff), docstrings (interrogate), dead code (vulture)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/interrogate --quiet notion_sync_core plugins
	$(BIN)/vulture

pylint: $(VENV)/ready  ## pylint over 9.9, and no error
	$(BIN)/pylint --score=yes notion_sync_core plugins/notion_sync_*/

site: $(VENV)/ready  ## The documentation as a site, build/docs
	$(BIN)/sphinx-build -c docs -W --keep-going -n -q . build/docs

docs: site  ## The same; also links, what is generated, and what it shows
	$(BIN)/pytest --quiet tests/test_docs.py

pictures: $(VENV)/ready  ## Draw the pictures of the documentation anew: terminal, site, architecture
	$(BIN)/python docs/pictures.py

reference: $(VENV)/ready  ## Write what the code says into docs: keys, commands, hooks, events, reports
	$(BIN)/python tests/reference.py

audit: $(VENV)/ready  ## bandit over the source, pip-audit over the dependencies (AUDIT=skip leaves the latter out)
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml notion_sync_core plugins
	AUDIT=$(AUDIT) $(BIN)/python tests/audit.py

bench: $(VENV)/ready  ## Measure speed, requests and memory (BENCH=--all, BENCH=--write)
	$(BIN)/python tests/benchmarks/run.py $(BENCH)

bench-text: $(VENV)/ready  ## Measure long texts of every kind (TEXT=20000 for shorter ones)
	$(BIN)/python tests/benchmarks/text.py $(TEXT)

bench-check: $(VENV)/ready  ## Compare what does not depend on the machine with the recorded figures
	$(BIN)/python tests/benchmarks/run.py --check

test-deploy: $(VENV)/deploy  ## The image, and units in a system that boots; schemas; installs Debian's packages if missing (as root)
	tests/deploy/debian.sh $(BIN)/pytest --quiet -m deploy tests/deploy $(PYTEST)

drill: $(VENV)/ready  ## Lose state, pages or both of 1,000 pages, and recover as documented (DRILL=--pages=100)
	$(BIN)/python tests/drill.py $(DRILL)

sbom: $(VENV)/deploy  ## What is installed with the program, as CycloneDX: dist/sbom.json
	tests/deploy/sbom.sh $(CURDIR)/$(BIN)/python dist/sbom.json

$(VENV)/deploy: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,deploy-checks]'
	touch $@

constraints: $(VENV)/ready  ## Write constraints.txt: what this environment has, for all that the project needs
	$(BIN)/python tools/constraints.py

clean:  ## Remove what the targets made
	rm -rf $(VENV) .venv-3.* .recipes .web .types .monitoring .mutants build dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis plugins/*.egg-info
