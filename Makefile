# One command each. `make help` lists them; how each works is in README.md and in ogc/local.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run story reset test lint test-default test-mariadb test-browser bench soak \
	openapi settings requirements

PYTHON ?= python3
PY := .venv/bin/python
BIN := .venv/bin
TEST_ENV := DJANGO_SETTINGS_MODULE=ogc.settings.test
# No registry addresses in the compiled files.
COMPILE := $(BIN)/pip-compile -q --upgrade --strip-extras --no-header --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links
ON_MARIADB := mariadb or concurrency or faults

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: ## install what is missing (.venv, system packages when root, the local EVM node)
	@$(PYTHON) -m ogc.local.bootstrap

setup-dev: ## the same with what tests and checks need
	@$(PYTHON) -m ogc.local.bootstrap --dev

run: setup ## start the whole platform (PORT, OGC_VAR and every setting of .env.example from the environment)
	@exec $(PY) -m ogc.local.run

story: setup ## go through the main story against the running platform (BASE_URL), over HTTP only
	@$(PY) -m ogc.local.story

reset: setup ## empty the data folder of a stopped platform (OGC_VAR)
	@$(PY) -m ogc.local.reset

test: setup-dev lint test-default test-mariadb test-browser ## everything that CI checks

lint: ## formats, types, imports, security, migrations, deploy settings, OpenAPI drift
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -ll -c pyproject.toml -r ogc accounts governance wallets challenges notifications analytics
	$(TEST_ENV) $(PY) manage.py makemigrations --check --dry-run
	$(PY) -m tests.deploy_check
	$(TEST_ENV) $(PY) manage.py openapi --check

test-default: ## the suite on SQLite, Valkey and the local EVM node
	$(BIN)/pytest -n 2 --dist loadfile -m "not faults and not browser"
	$(BIN)/pytest -m "faults and not mariadb and not browser"

test-mariadb: ## what touches money, concurrency, chain, jobs, migrations and JSON, on a private MariaDB
	$(BIN)/pytest --mariadb -m "($(ON_MARIADB)) and not browser"

test-browser: ## the admin console in Chromium
	$(BIN)/pytest -m browser

bench: setup-dev ## measure requests and jobs on MariaDB and print them beside the budgets
	@$(PY) -m tests.bench

soak: setup-dev ## the large sizes of the acceptance lines (long)
	SCALE=$${SCALE:-50} $(BIN)/pytest --mariadb -m "not browser"

openapi: ## write docs/openapi.yaml anew
	@$(TEST_ENV) $(PY) manage.py openapi

settings: ## write .env.example and the README's table anew
	@$(PY) -m ogc.local.settings_reference

requirements: ## compile requirements.txt and requirements-dev.txt from the .in files
	$(COMPILE) requirements.in
	$(COMPILE) requirements-dev.in
