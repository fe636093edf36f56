# Everything a newcomer needs: `make demo` and `make test`. Both set themselves up.
PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
.DEFAULT_GOAL := help

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[test]'
	@touch $@

.venv/.checkers: .venv/.installed
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[check]'
	@touch $@

.PHONY: demo test test-all check cases sabotage bench docs clean help

demo: .venv/.installed ## a compound of 12 points on this machine; ONCE=1 ends by itself, SEED=n, START=23:59:30
	@$(BIN)/lianxin-sim demo $(if $(ONCE),--once) $(if $(SEED),--seed $(SEED)) $(if $(START),--start $(START))

test: .venv/.installed ## the suite, at most 5 minutes on two cores; WORKERS=n, ARGS=path
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m 'not long' $(ARGS)

test-all: .venv/.installed ## the long parts, at most 15 minutes more
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m long $(ARGS)

check: .venv/.checkers ## lint, format, types, arrows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

cases: .venv/.installed ## settlement cases on SQLite and PostgreSQL, also in 40 orders; CASES=path
	@$(BIN)/python -m tests.cases $(CASES)

sabotage: .venv/.installed ## break one line at a time; the suite must go red on each
	WORKERS=$(WORKERS) $(BIN)/python -m tests.sabotage $(ARGS)

bench: .venv/.installed ## figures to their limits, measured in turn with a baseline; ARGS=name takes one
	$(BIN)/python -m tests.bench $(ARGS)

docs: .venv/.installed ## write docs/wire.md again
	$(BIN)/python -m wire > docs/wire.md

clean: ## remove the environment and the demo's files
	rm -rf .venv var .mypy_cache .ruff_cache .import_linter_cache .hypothesis

help:
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20
