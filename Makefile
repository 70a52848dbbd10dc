# `make` alone lists the targets. Needs Python 3.10-3.13 and GNU make; everything else goes into .venv.

PYTHON ?= python3
# Only what `make` installs is pinned: pyproject.toml accepts any torch>=2.4, so an own torch in .venv stays.
TORCH ?= torch==2.13.0
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu
LAB_FLAGS ?=
TRAIN_FLAGS ?= --dataset synthetic100
# A file of tests stays in one process, so that a lesson and the modules of a file share their set-up.
PYTEST_FLAGS ?= -n logical --maxprocesses 4 --dist loadfile
BENCH_FLAGS ?=
# For example EDITION_FLAGS="--out DIR 02 08".
EDITION_FLAGS ?=

VENV := .venv
PY := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts/python.exe,bin/python)
READY := $(VENV)/.ready
# .jupyter keeps pop-ups off a projected page; the user's own settings count more. tests/course/browser opens with the same.
LAB_OPTIONS := --ServerApp.root_dir=. --LabApp.app_settings_dir=.jupyter --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

# A shell set up for headless plotting must not change what the lessons draw.
unexport MPLBACKEND
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help lab test train bench student instructor slides html lint format notebooks clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

lab: $(READY) ## open the lessons in JupyterLab
	@exec $(PY) -m jupyterlab $(LAB_OPTIONS) $(AS_ROOT) $(LAB_FLAGS)

test: $(READY) ## run every test, the lessons included
	@exec $(PY) -m pytest $(PYTEST_FLAGS)

train: $(READY) ## train cross-entropy and the top-k loss on embedded images (2 minutes)
	@exec $(PY) -m topk_lib compare $(TRAIN_FLAGS)

bench: $(READY) ## time the loss against its peers and a floor (5 minutes); what is not installed is left out
	@exec $(PY) -m tests.benchmarks --out data/results/bench.json --figures docs $(BENCH_FLAGS)

lint: $(READY) ## check style with ruff, types with pyright
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	@$(PY) -m pyright --version >/dev/null 2>&1 || { echo "Installing pyright, once"; $(PY) -m pip install -q -e ".[types]"; }
	$(PY) -m pyright --pythonpath $(PY)

format: $(READY) ## let ruff rewrite the style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

student: $(READY) ## make the students' notebooks in build/student: stubs, nothing computed
	@exec $(PY) -m topk_lib.course.editions student $(EDITION_FLAGS)

instructor: $(READY) ## make the instructor's notebooks: exercises worked, lecturer's notes
	@exec $(PY) -m topk_lib.course.editions instructor $(EDITION_FLAGS)

slides: $(READY) ## make a deck of slides per lesson, with speaker notes
	@exec $(PY) -m topk_lib.course.editions slides $(EDITION_FLAGS)

html: $(READY) ## make pages that need neither a kernel nor a network
	@exec $(PY) -m topk_lib.course.editions html $(EDITION_FLAGS)

notebooks: $(READY) ## run the lessons again, store their new outputs, write the glossary
	$(PY) -m nbconvert --to notebook --execute --inplace --ExecutePreprocessor.store_widget_state=False \
		--ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=300 notebooks/[0-9][0-9]_*.ipynb
	@$(PY) -c "from topk_lib.course.glossary import glossary_page; print(glossary_page(), end='')" > notebooks/glossary.md

clean: ## remove .venv, caches and builds; data and results stay
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Jupyter refuses to start as root, the usual user of a container, unless it is told to.
AS_ROOT = $(shell test "$$(id -u 2>/dev/null)" != 0 || echo --allow-root)

# ---- set-up: runs when there is no finished .venv, after a change below, and after the folder was moved ----

ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

# Says in words why this Python cannot be used.
define CHECK_PYTHON
import sys
found = sys.version.split()[0]
if not (3, 10) <= sys.version_info[:2] <= (3, 13):
    sys.exit("make: Python 3.10 to 3.13 is needed, $(PYTHON) is " + found + "; try: make lab PYTHON=python3.12")
try:
    import ensurepip, venv
except ImportError:
    sys.exit("make: $(PYTHON) lacks the venv module; on Debian and Ubuntu: sudo apt install python3-venv")
endef

# Succeeds when no package was left half installed: pip writes INSTALLER after a package's files.
define CHECK_VENV
import importlib.metadata, pip, sys
sys.exit(not all(d.read_text("INSTALLER") for d in importlib.metadata.distributions()))
endef

define CHECK_TORCH
import sys, torch
sys.exit(tuple(int(part) for part in torch.__version__.split(".")[:2]) < (2, 4))
endef

export CHECK_PYTHON CHECK_VENV CHECK_TORCH

$(READY): pyproject.toml Makefile
	@command -v $(firstword $(PYTHON)) >/dev/null || { echo "make: no $(PYTHON) found; try: make lab PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c "$$CHECK_PYTHON"
	@$(PY) -c "$$CHECK_VENV" 2>/dev/null || { echo "Setting up $(VENV): a few minutes, once."; \
		rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); }
	@$(PY) -c "$$CHECK_TORCH" 2>/dev/null || { $(INSTALL_TORCH); }
	@echo "Installing the kit, JupyterLab and the test tools"
	@$(PY) -m pip install -q -e ".[test,lint]"
	@echo "$(CURDIR)" > $(READY)

# Without an NVIDIA GPU the ordinary Linux build would bring gigabytes of CUDA along.
define INSTALL_TORCH
	if test "$$(uname -s)" = Linux && ! nvidia-smi >/dev/null 2>&1; then \
		echo "No NVIDIA GPU here: looking for the CPU build of $(TORCH)"; \
		$(PY) -m pip install "$(TORCH)+cpu" 2>/dev/null || \
		$(PY) -m pip install --retries 1 --timeout 15 --index-url $(TORCH_CPU_INDEX) "$(TORCH)" 2>/dev/null || \
		$(PY) -m pip install "$(TORCH)"; \
	else \
		$(PY) -m pip install "$(TORCH)"; \
	fi
endef
