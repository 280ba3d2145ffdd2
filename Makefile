# make run      set up and open the demo study (without a display: render it to demo.png)
# make test     set up and run the tests
# make check    formatting, lint, types, import contracts
# make bench    measure against the limit and other libraries (ARGS=--quick: a look in 3 minutes)
# make bundle   build dist/workstation, a folder that runs without Python, and try it
# make clean    remove what was built; make distclean also removes the virtual environments
#
# PYTHON=... names another interpreter (3.11 or later); JOBS=... the tests to run at a time; ARGS=... goes to
# the program, to pytest or to the benchmark.

SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
JOBS ?= 2
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
INSTALL := -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
PIP := $(BIN)/python $(INSTALL)
GROUND := pyproject.toml constraints.txt

export PYTHON
export XDG_RUNTIME_DIR ?= $(shell d=$${TMPDIR:-/tmp}/runtime-$$(id -u); mkdir -p -m 700 $$d; echo $$d)

.PHONY: run test check format bench bundle clean distclean
.PHONY: libraries-run libraries-test libraries-bench libraries-bundle
.DELETE_ON_ERROR:

run: libraries-run $(VENV)/.ready-run
ifneq ($(DISPLAY)$(WAYLAND_DISPLAY),)
	$(BIN)/workstation --demo $(ARGS)
else
	QT_QPA_PLATFORM=offscreen $(BIN)/workstation --demo --screenshot demo.png $(ARGS)
	@echo "No display here: the demo window is in $(CURDIR)/demo.png"
endif

test: libraries-test $(VENV)/.ready-dev
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup $(ARGS)

check: libraries-run $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .

# Without PYTHONDONTWRITEBYTECODE: rows that time a start have their bytecode, as an installed program has.
bench: libraries-bench $(BENCH)/.ready
	env -u PYTHONDONTWRITEBYTECODE $(BENCH)/bin/python tests/bench/run_all.py $(ARGS)

bundle: libraries-bundle $(VENV)/.ready-bundle
	QT_QPA_PLATFORM=offscreen $(BIN)/python packaging/make_icons.py build/icons
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build/pyinstaller packaging/workstation.spec
	packaging/smoke_test.sh dist/workstation/workstation

# One stamp for each purpose: only what the purpose needs is installed, and nothing when nothing changed.
$(VENV)/.ready-run: $(GROUND) | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.ready-dev: $(GROUND) | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.ready-run

$(VENV)/.ready-bundle: $(GROUND) | $(BIN)/python
	$(PIP) --editable '.[bundle]'
	@touch $@ $(VENV)/.ready-run

# The libraries compared with stay out of .venv: pydicom would use gdcm wherever it is installed.
$(BENCH)/.ready: $(GROUND) | $(BENCH)/bin/python
	$(BENCH)/bin/python $(INSTALL) --editable '.[bench]'
	@touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(BENCH)/bin/python:
	$(PYTHON) -m venv $(BENCH)

# The virtual environment needs Python's venv module, which may be one of the packages.
$(BIN)/python $(BENCH)/bin/python: | libraries-base
.PHONY: libraries-base
libraries-base:
	@packaging/system_libraries.sh run

libraries-run libraries-test libraries-bench libraries-bundle: libraries-%:
	@packaging/system_libraries.sh $*

clean:
	rm -rf build dist demo.png .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find workstation tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV) $(BENCH)
