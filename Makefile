# make         set up .venv, then the default run: results/brca/summary.html
# make test    set up .venv, then the tests
# make lint    ruff, mypy, snakefmt, snakemake --lint
# make bench   benchmarks: results/benchmarks/benchmarks.md, some minutes
# make docs    write config/README.md and docs/files.md from their schemas
# make clean   remove the default run's results and all caches; .venv stays

PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
READY := .venv/.ready

# A caller's own Python settings must not leak into the environment.
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := run
.PHONY: run setup test lint format bench docs lock clean

run: $(READY)
	$(BIN)/snakemake --cores $(CORES)

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Error: Python 3.11 or newer is needed. Hint: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo 'Error: no virtual environment. Hint: apt-get install python3-venv' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

# Two at a time. Whole runs come last, since they use all cores; those of SLURM mostly wait.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" --numprocesses 2 --dist loadfile
	$(BIN)/python -m pytest -m slow --numprocesses 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

# One after the other: they are measured against the machine's own rate in the same run.
bench: $(READY)
	$(BIN)/python benchmarks/attribution.py
	$(BIN)/python benchmarks/permutation.py
	$(BIN)/python benchmarks/panels.py
	$(BIN)/python benchmarks/training.py

docs: $(READY)
	$(BIN)/landmarks describe-config --schema workflow/schemas/config.schema.yaml --out config/README.md
	$(BIN)/landmarks describe-files --schema workflow/schemas/files.yaml --out docs/files.md

# Resolve pyproject.toml anew and write down what was installed.
lock:
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet torch==2.13.0 '.[dev]'
	{ sed -n '/^#/p' requirements.lock; .venv-lock/bin/python -m pip freeze --exclude landmarks | sed 's/+[a-z0-9]*$$//'; } \
	  > requirements.lock.part && mv requirements.lock.part requirements.lock
	rm -rf .venv-lock

clean:
	rm -rf results/brca results/benchmarks .snakemake .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
