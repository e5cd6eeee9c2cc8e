# make report   fresh clone → .venv → demo register → the whole publication
# make test     the tests
# make test-long   the tests with the long proofs: two million fuzzed files, intakes killed at random moments (hours)
# make lint     ruff, mypy, import-linter
# make lab      JupyterLab on the notebooks
# make serve    the statistics database for programs: what has been released
# make lock     the lock files anew, from pyproject.toml
# make check-lock   would they install on every Python and system that kvarn runs on?
# make clean    everything but the source away

SHELL := /bin/sh
PYTHON ?= $(shell sh tools/find-python)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
DEMO := restricted/demo/source
PERSONS ?= 20000
PROCEDURES ?= 30
# Not every installer compiles, a pulled change is not compiled, and no kernel within its wall keeps what it has compiled: each of
# the many processes of the tests would do so anew.
COMPILE = $(BIN)/python -m compileall -q $(VENV)/lib src tests

.PHONY: report test test-long lint lab serve lock check-lock clean install install-dev check-machine demo

report: demo
	@echo "kvarn: the publication (only what is out of date)"
	@$(BIN)/kvarn publish params/demo.yml
	@echo
	@echo "Where to look:"
	@echo "  publications/demo/index.html                 everything, in both languages"
	@echo "  publications/demo/sv/annual-report.html      the annual report, in Swedish (and .pdf)"
	@echo "  publications/demo/en/annual-report.html      the annual report, in English (and .pdf)"
	@echo "  publications/demo/sv/summary.html            two pages with a text for the press (and .pdf, and en/)"
	@echo "  publications/demo/sv/methods-and-quality.html  the methods and quality appendix (and .pdf, and en/)"
	@echo "  publications/demo/sv/tables.xlsx             the tables"

# Made anew for another number of persons, or by another generator (made-from.json); years that were added stay.
demo: install
	@echo "kvarn: a synthetic register of $(PERSONS) persons in $(DEMO)"
	@mkdir -p -m 700 restricted
	@$(BIN)/kvarn demo $(DEMO) --persons $(PERSONS) --procedures $(PROCEDURES) --from 2017 --to 2023 --seed 1 --if-needed

test: install-dev
	@echo "kvarn: the tests"
	@$(COMPILE)
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q

test-long: install-dev
	@echo "kvarn: the tests, with the long proofs (hours)"
	@$(COMPILE)
	@KVARN_FUZZ_CASES=2000000 KVARN_FUZZ_POPULATION=1500 KVARN_EXAMPLES=10 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q -m "long or not long"

lint: install-dev
	@echo "kvarn: ruff, mypy, import-linter"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

check-machine:
	@sh tools/check-machine "$(PYTHON)"

$(VENV)/.installed: requirements.lock pyproject.toml | check-machine
	@echo "kvarn: a virtual environment in $(VENV), from requirements.lock (hashes checked)"
	@$(BIN)/python -c "" 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-index -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "kvarn: what the tests need, from requirements-dev.lock (hashes checked)"
	@$(PIP) install --quiet --require-hashes --no-build-isolation --use-pep517 -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-lab: requirements-lab.lock $(VENV)/.installed
	@echo "kvarn: JupyterLab, from requirements-lab.lock (hashes checked)"
	@$(PIP) install --quiet --require-hashes -r requirements-lab.lock
	@touch $@

lab: $(VENV)/.installed-lab
	@sh tools/lab

$(VENV)/.installed-serve: requirements-serve.lock $(VENV)/.installed
	@echo "kvarn: what kvarn serve needs, from requirements-serve.lock (hashes checked)"
	@$(PIP) install --quiet --require-hashes -r requirements-serve.lock
	@touch $@

serve: $(VENV)/.installed-serve
	@$(BIN)/kvarn serve

lock: check-machine
	@PYTHON="$(PYTHON)" sh tools/lock

check-lock: check-machine
	@PYTHON="$(PYTHON)" sh tools/check-lock

clean:
	rm -rf $(VENV) build publications restricted/demo .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
