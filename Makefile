# make sheet   a practice sheet, sheet.html, from nothing but Python
# make test    the tests          make check   style and types
# make bench   the benchmarks     make clean   back to a fresh checkout
#
# PYTHON=python3.12 make …  chooses the interpreter; PIP_OPTIONS="--index-url …" goes to every pip install.

PIP_OPTIONS ?=
SHEET ?= sheet.html
WORKERS ?= auto
export PIP_DISABLE_PIP_VERSION_CHECK = 1

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.PHONY: sheet test check bench clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -5

sheet: $(READY)
	$(BIN)/quizgen sheet -n 10 -o $(SHEET) --force

test: $(READY_DEV)
	$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 $(ARGS)

check: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file $(ARGS) || exit 1; done

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made again when what it is made of has changed, and otherwise costs nothing.
$(READY): pyproject.toml constraints.txt tools/make_venv.sh
	@sh tools/make_venv.sh $(VENV)
	@echo "installing quizgen into $(VENV) (the first time takes some minutes: PyTorch is large)"
	@$(BIN)/python -m pip install -q $(PIP_OPTIONS) -c constraints.txt -e .
	@touch $@

$(READY_DEV): $(READY)
	@$(BIN)/python -m pip install -q $(PIP_OPTIONS) -c constraints.txt -e '.[dev]'
	@touch $@
