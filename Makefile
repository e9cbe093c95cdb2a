# Everything this project can be told to do. `make` alone lists it.
#
# Settings: PYTHON (3.10 to 3.13), ODOO_HOME (an Odoo 19 checkout of yours), ODOO_GIT (where to clone Odoo from), PORT (of the web client),
# PGHOST (a PostgreSQL server of yours).

PYTHON ?= python3
VENV := .env/venv/bin
IN_ENV := $(VENV)/python scripts/in_env.py
SETUP := $(PYTHON) scripts/setup.py
SERVE ?= 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup stop demo test test-family soak lint bench shell pot compare-core-tests clean distclean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 28

setup: ## build the environment below .env/ (every other target does it too)
	@$(SETUP)

demo: ## a database with a night's work, then the web client (SERVE=0: no web client; LEDGER=file.csv AS_OF=date MAP=...: your ledger)
	@$(SETUP)
	@$(IN_ENV) python scripts/demo.py --serve=$(SERVE) $(if $(LEDGER),--ledger="$(LEDGER)") $(if $(AS_OF),--as-of="$(AS_OF)") $(if $(MAP),--map="$(MAP)") $(if $(PORT),--port=$(PORT)) $(ARGS)

test: ## all tests, each kind in databases of its own (T=pattern selects)
	@$(SETUP) base --with-chromium
	@$(IN_ENV) python scripts/run_tests.py $(if $(T),-k "$(T)") $(ARGS)

test-family: ## the walls: each addon's tests where only what it depends on is installed (make test ARGS=--family: both)
	@$(SETUP) base --with-chromium
	@$(IN_ENV) python scripts/run_tests.py --only alone --only charge --only credit --only sale $(if $(T),-k "$(T)") $(ARGS)

soak: ## fresh examples for the core, then 120 nights of ten made-up ledgers (MINUTES=10; ARGS="--seed N" repeats a round)
	@$(SETUP) base
	@$(IN_ENV) python scripts/soak.py $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

test-official: ## the same with the versions that Odoo's own requirements name (SMOKE=1: core, letters and mails only)
	@STACK=official $(SETUP) base --with-chromium
	@STACK=official .env/venv-official/bin/python scripts/in_env.py python scripts/run_tests.py $(if $(SMOKE),--smoke) $(if $(T),-k "$(T)") $(ARGS)

lint: ## ruff, mypy on the core, pylint-odoo, XML
	@$(SETUP) odoo
	@$(VENV)/python scripts/lint.py $(ARGS)

bench: ## speed, side by side with plain SQL and a peer addon (N="2000 20000": sizes of the ledger; BIG=1: 100000 too)
	@$(SETUP) addons --with-peer
	@$(IN_ENV) python bench/run.py $(ARGS)

shell: ## a Python shell in the demo database (DB=name for another)
	@$(SETUP) postgres
	@$(IN_ENV) odoo shell -d $(or $(DB),demo) --no-http

pot: ## export the texts of the addons to their i18n/*.pot
	@$(SETUP) addons
	@$(IN_ENV) python scripts/export_pot.py

compare-core-tests: ## Odoo's account and sale test-suites, with and without the addon (hours)
	@$(SETUP) addons --with-chromium
	@$(IN_ENV) python scripts/compare_core_tests.py $(ARGS)

stop: ## stop the embedded PostgreSQL server
	@if [ -x $(VENV)/python ]; then $(VENV)/python scripts/pg.py stop; fi

clean: stop ## remove what was built and all databases; downloads stay
	@find .env -mindepth 1 -maxdepth 1 ! -name downloads -exec rm -rf {} + 2>/dev/null || true
	@rm -rf out
	@find . -path ./.env -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## remove the downloads too
	@rm -rf .env
