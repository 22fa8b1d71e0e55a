# make help lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := data/sample
SIGNERS := analyst staff-representative
export LEEWARD_HOME ?= $(CURDIR)/var

.DEFAULT_GOAL := help
MEASURED := accounting detection distinguishing faults leaks
.PHONY: help run test test-slow lint dashboard bench bench-ingest bench-utility choose-utility \
	bench-estimates fuzz fuzz-deliveries attacks \
	mutants assurance data-read machine lock clean $(MEASURED:%=figures-%)

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/ready  ## set up, run the main job on the sample, print the newest figures
	@$(BIN)/leeward init --from $(SAMPLE)
	@for name in $(SIGNERS); do key=$(LEEWARD_HOME)/protected/sample-$$name; \
		test -e $$key || (umask 077; ssh-keygen -q -t ed25519 -N "" -C "sample $$name" -f $$key); \
		$(BIN)/leeward signer "$$name" --key $$key.pub || exit 1; done
	@for year in 2024-07 2025-07; do for name in $(SIGNERS); do \
		$(BIN)/leeward plan sign --year $$year --as "$$name" --key $(LEEWARD_HOME)/protected/sample-$$name \
		|| exit 1; done; done
	@$(BIN)/leeward run $(SAMPLE)/exports
	@echo "Look at it: make dashboard"

test: $(VENV)/ready  ## set up and test
	$(BIN)/python -m pytest -n 2 -m "not slow and not campaign"

test-slow: $(VENV)/ready .venv-accounting/ready  ## the proofs that take minutes
	$(BIN)/python -m pytest -n 3 --no-loadscope-reorder -m slow

lint: $(VENV)/ready  ## format, style, types, room boundaries
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

dashboard: $(VENV)/ready  ## show what was run, at http://127.0.0.1:8501
	$(BIN)/leeward dashboard

bench: $(VENV)/ready  ## what bounding a person's year costs beside a bare group-by
	$(BIN)/python tests/benchmarks/bounding.py

bench-ingest: $(VENV)/ready  ## an ingest of 10 million absences beside a bare load of the file (ten minutes)
	$(BIN)/python tests/benchmarks/ingesting.py $(ROWS)

bench-utility: $(VENV)/ready  ## errors of figures by ways of protecting, at four sizes; writes docs/accuracy.md
	PYTHONPATH=tests $(BIN)/python -m utility

choose-utility: $(VENV)/ready  ## look for caps and a split for bench-utility (STAFF=500,2000 SECONDS=600)
	PYTHONPATH=tests $(BIN)/python -m utility.choosing $(or $(SECONDS),600) $(STAFF)

bench-estimates: $(VENV)/ready  ## what estimates of 5,000 units, 36 months and 10 measures take
	PYTHONPATH=tests $(BIN)/python tests/benchmarks/estimating.py

machine:  ## install what the tests need beside Python: Chromium, OpenSSH (Debian, as root)
	apt-get update -qq && apt-get install -y -qq chromium openssh-client

fuzz: $(VENV)/ready  ## ten minutes of spoilt files for the reader; keeps what it finds (SECONDS=600)
	PYTHONPATH=tests $(BIN)/python -m fuzz $(SECONDS)

fuzz-deliveries: $(VENV)/ready  ## ten minutes of deliveries with and without one person (SECONDS=600)
	PYTHONPATH=tests:tests/integration $(BIN)/python -m fuzz.two_worlds $(SECONDS)

attacks: $(VENV)/ready  ## attack the sample's releases with its true data, test that; writes docs/attacks.md
	$(BIN)/python -m pytest -m campaign tests/attacks
	PYTHONPATH=tests $(BIN)/python -m attacks

mutants: .venv-mutants/ready  ## change each line of the guarantee's core: do the tests notice? (an hour)
	PYTHONPATH=tests .venv-mutants/bin/python -m mutants $(ONLY)

figures-accounting: $(VENV)/ready .venv-accounting/ready
	PYTHONPATH=tests $(BIN)/python tests/accounting/accounting_comparison.py

figures-detection: $(VENV)/ready
	PYTHONPATH=tests $(BIN)/python tests/statistical/detection.py

figures-distinguishing: $(VENV)/ready
	PYTHONPATH=tests $(BIN)/python tests/statistical/distinguishing.py

figures-faults: $(VENV)/ready
	PYTHONPATH=tests $(BIN)/python tests/faults/figures.py

figures-leaks: $(VENV)/ready
	PYTHONPATH=tests $(BIN)/python tests/security/leak_figures.py

assurance: $(VENV)/ready  ## write docs/assurance.md from docs/figures/ (make figures-faults and the like renew those)
	PYTHONPATH=tests $(BIN)/python -m assurance

data-read: $(VENV)/ready  ## write docs/data-read.md from the declarations
	$(BIN)/python -m pipelines.data_read

lock:  ## renew requirements.txt from pyproject.toml, and the oracle's
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header \
		--extra dev pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header \
		tests/accounting/requirements.in -o tests/accounting/requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header \
		-c requirements.txt tests/mutants/requirements.in -o tests/mutants/requirements.txt

clean:  ## remove the environment and caches; never a home
	rm -rf $(VENV) .venv-accounting .venv-mutants mutants build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv installs several times faster than pip; where it cannot be had, pip installs the same hashes. An old
# pip cannot check the hashes of packages with extras, so a newer one comes first.
$(VENV)/ready: requirements.txt bootstrap.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r bootstrap.txt || true
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.txt \
		|| $(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# mutmut, for 'make mutants' alone, beside all that the tests need.
.venv-mutants/ready: requirements.txt tests/mutants/requirements.txt | $(VENV)/ready
	$(PYTHON) -m venv .venv-mutants
	$(BIN)/uv pip install --quiet --python .venv-mutants/bin/python --require-hashes -r requirements.txt
	$(BIN)/uv pip install --quiet --python .venv-mutants/bin/python --require-hashes -r tests/mutants/requirements.txt
	$(BIN)/uv pip install --quiet --python .venv-mutants/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

# dp-accounting, an oracle of the tests alone, asks for an older attrs than the product's libraries.
.venv-accounting/ready: tests/accounting/requirements.txt | $(VENV)/ready
	$(PYTHON) -m venv .venv-accounting
	$(BIN)/uv pip install --quiet --python .venv-accounting/bin/python --require-hashes -r $< \
		|| .venv-accounting/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@
