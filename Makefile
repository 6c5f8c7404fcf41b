# hirelens: 'make' prints what can be made.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV := $(VENV)/.dev

.DEFAULT_GOAL := help
.PHONY: help demo test crash bench lint fmt types layers clean

help:  ## Print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hirelens needs Python 3.11+; run make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -e .
	touch $@

$(DEV): $(READY)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -e '.[dev]'
	touch $@

demo: $(READY)  ## Set up, put the demo posts, show plain search beside hirelens search
	$(BIN)/hirelens demo

test: $(DEV) lint types layers  ## Set up, then style, types, layers and all tests
	$(BIN)/python -m pytest -n auto --dist loadfile

# INDEX=embedded or both; Elasticsearch has two nodes with a copy each.
INDEX ?= elasticsearch
crash: $(DEV)  ## Kill everything for 10,000 writes, then check that nothing is lost (needs servers)
	$(BIN)/python -m tests.crash.run --writes 10000 --index $(INDEX)

bench: $(DEV)  ## Measure the worker: machinery, whole path, unchanged posts, backlog (needs servers)
	$(BIN)/python bench/worker.py

lint: $(DEV)  ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

fmt: $(DEV)  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV)  ## Check types strictly
	$(BIN)/mypy

layers: $(DEV)  ## Check that the rooms import one way only
	$(BIN)/lint-imports

clean:  ## Remove the environment and caches
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
