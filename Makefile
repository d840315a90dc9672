# Footfall: what a developer or an operator asks for. `make` prints this list.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .footfall/venv
BIN := $(CURDIR)/$(VENV)/bin
UV_VERSION := 0.13.9
PYTEST := pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder
LOCK := uv pip compile --quiet --all-extras --generate-hashes --no-header pyproject.toml
SDKS := tests/clients/python/requirements
LOCK_SDKS := uv pip compile --quiet --generate-hashes --no-header $(SDKS).in
# without a registry the tests that need the SDKs are skipped, and in CI that is a failure
CLIENTS := $(if $(CI),clients,clients-or-skip)
ARGS ?=
export PATH := $(BIN):$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.DEFAULT_GOAL := help
.PHONY: help setup up down status logs demo test test-long lint lock lock-check docs pictures bench clients clients-or-skip

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

setup: $(VENV)/.ready ## Fetch and build what is made once; quick when it is done
	@footfall setup

up: $(VENV)/.ready ## Start the whole stack and wait until it is well
	@footfall up

down: $(VENV)/.ready ## Stop it; what was written stays
	@footfall down

status: $(VENV)/.ready ## Show each part and whether it is well
	@footfall status

logs: $(VENV)/.ready ## Show the parts' last log lines; ARGS="kafka -f" follows one
	@footfall logs $(ARGS)

demo: $(VENV)/.ready ## Start it with three shops and their traffic; ONCE=1 compares the reports and shuts down
	@footfall demo $(if $(ONCE),--once) $(ARGS)

test: setup $(CLIENTS) ## Run all tests; ARGS="tests/contracts" runs some
	$(PYTEST) $(ARGS)

test-long: setup $(CLIENTS) ## Run the longer forms of the tests as well
	$(PYTEST) -m "long or not long" $(ARGS)

clients: $(VENV)/.ready ## Install the SDKs that the tests send with, apart from the platform
	@python -m tests.clients.install

clients-or-skip: $(VENV)/.ready
	@python -m tests.clients.install --or-skip

lint: setup ## Style, types, import directions
	ruff check .
	ruff format --check .
	mypy
	PYTHONPATH=.:plugins lint-imports
	npm --prefix tracker run --silent check

lock: $(VENV)/.ready ## Write requirements.txt anew from pyproject.toml
	$(LOCK) --output-file requirements.txt
	$(LOCK_SDKS) --output-file $(SDKS).txt

lock-check: $(VENV)/.ready ## Fail when requirements.txt is not what pyproject.toml asks for
	@cp requirements.txt .footfall/requirements.txt
	@$(LOCK) --output-file .footfall/requirements.txt
	@diff requirements.txt .footfall/requirements.txt || { echo "requirements.txt is stale: run 'make lock'."; exit 1; }
	@cp $(SDKS).txt .footfall/sdks.txt
	@$(LOCK_SDKS) --output-file .footfall/sdks.txt
	@diff $(SDKS).txt .footfall/sdks.txt || { echo "$(SDKS).txt is stale: run 'make lock'."; exit 1; }

docs: $(VENV)/.ready ## Print the generated documents anew (settings, runbooks, numbers, bad input, repairs)
	python -m stack.documents

pictures: $(VENV)/.ready ## Take the pictures of the README from the running demo, with Chromium
	python -m stack.demo.pictures

bench: setup ## Measure a stack of its own and write docs/bench.md; takes about 35 minutes
	python -m bench $(ARGS)

$(VENV)/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Footfall needs Python 3.11: name it with make PYTHON=/path/to/python3.11")'
	@echo "Making ready: the Python environment (some minutes the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@uv pip install --quiet --require-hashes --requirement requirements.txt
	@uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
