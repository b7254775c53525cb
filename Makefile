# Everything a person or CI does here. Each target sets up .venv first if need be.

PYTHON ?= python3
BIN := .venv/bin
BENCH := .venv/bench
TRYTON := .venv/tryton
SEMANTIC := .venv/semantic
INSTALLED := .venv/installed
PLANT := var/demo
# Size of the simulated plant, for instance: make demo DEMO="--days 30"
DEMO ?=
# Shorter, for instance: make bench-extract BENCH_EXTRACT="--rows 1000000", make stress STRESS="--runs 1"
BENCH_EXTRACT ?=
STRESS ?=
# More, for instance: make bench-transform BENCH_TRANSFORM="--events 100000000"
BENCH_TRANSFORM ?=
# The test modules start as they are collected: tests/conftest.py puts the longest first.
WORKERS := --numprocesses auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow check ui lock generate semantic bench bench-extract bench-transform bench-query stress clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): requirements.lock pyproject.toml .ci/install.py
	@$(PYTHON) .ci/install.py

demo: $(INSTALLED) ## simulate a plant, run the whole pipeline on it, show the scorecard
	@$(BIN)/python -m sources.demo --out $(PLANT) $(DEMO)
	@$(BIN)/scorecard run --config examples/demo.yml
	@$(BIN)/scorecard show --config examples/demo.yml
	@echo
	@echo "Dagster      make ui, then open the address it prints"
	@echo "Files        $(PLANT)/published/current: Parquet, a DuckDB file, Evidence's layout"
	@echo "Try next     $(BIN)/scorecard explain oee"

test: $(INSTALLED) $(SEMANTIC)/installed ## run the tests
	@$(BIN)/python -m pytest $(WORKERS) -m "not slow"

test-slow: $(INSTALLED) $(TRYTON)/installed ## run the tests of whole systems that take minutes each
	@$(BIN)/python -m pytest $(WORKERS) -m slow

check: $(INSTALLED) ## lint, types, generated files, Dagster definitions
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/python -m orchestration.codegen --check
	@DAGSTER_DISABLE_TELEMETRY=yes PYTHONWARNINGS='ignore:Function `definitions_validate_command`' \
		$(BIN)/dagster definitions validate -w workspace.yaml --log-level warning
	@echo "All checks passed."

ui: $(INSTALLED) ## open Dagster on this machine
	@$(BIN)/scorecard ui

generate: $(INSTALLED) ## write the files that are computed from models/ and sources/systems/
	@$(BIN)/python -m orchestration.codegen

lock: $(INSTALLED) ## resolve requirements*.in into requirements*.lock
	@$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
	@for name in requirements requirements-bench requirements-semantic requirements-tryton; do \
		.venv/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-strip-extras \
			--quiet --output-file $$name.lock $$name.in || exit 1; \
	done

semantic: $(SEMANTIC)/installed ## install MetricFlow, for `scorecard metrics`

# One of its packages has no wheel.
$(SEMANTIC)/installed: requirements-semantic.lock
	@$(PYTHON) -m venv $(SEMANTIC)
	@$(SEMANTIC)/bin/pip --disable-pip-version-check --quiet install --no-deps --require-hashes \
		--only-binary :all: --no-binary halo -r requirements-semantic.lock
	@touch $@

bench: $(INSTALLED) ## measure time and memory of the whole demo
	@$(BIN)/python benchmarks/demo.py

# Packages for a test that works a real Tryton.
$(TRYTON)/installed: requirements-tryton.lock
	@$(PYTHON) -m venv $(TRYTON)
	@$(TRYTON)/bin/pip --disable-pip-version-check --quiet install --no-deps --require-hashes \
		--only-binary :all: -r requirements-tryton.lock
	@touch $@

$(BENCH)/installed: requirements-bench.lock
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/pip --disable-pip-version-check --quiet install --no-deps --require-hashes \
		--only-binary :all: -r requirements-bench.lock
	@touch $@

bench-extract: $(INSTALLED) $(BENCH)/installed ## measure extraction from PostgreSQL beside others
	@$(BIN)/python benchmarks/extract.py $(BENCH_EXTRACT)

bench-transform: $(INSTALLED) ## measure computing 10 million machine events, whole and after news
	@$(BIN)/python benchmarks/transform.py $(BENCH_TRANSFORM)

bench-query: $(INSTALLED) ## measure a dashboard's queries on the published DuckDB file
	@$(BIN)/python benchmarks/query.py

stress: $(INSTALLED) ## extract under concurrent writing and kills, from PostgreSQL and MariaDB
	@$(BIN)/python benchmarks/stress.py $(STRESS)

clean: ## remove everything that can be made again
	@rm -rf .venv $(PLANT) .mypy_cache .ruff_cache .pytest_cache .hypothesis
