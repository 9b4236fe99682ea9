# Everything a person runs by hand. `make` alone lists the targets.
PYTHON ?= python3.11
VENV ?= .venv
BIN = $(VENV)/bin
SETUP = $(VENV)/setup.stamp
NEEDED = torch==2.13.0

.DEFAULT_GOAL := help
.PHONY: help setup demo check test test-python rules-test planted conformance catalogue calibration training training-install soak fuzz sweep bench clean
.PHONY: corpus corpus-install corpus-properties

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(SETUP) ## Create .venv and install Diptych, both frameworks (CPU builds) and the test tools.

# PyPI's torch for Linux brings gigabytes of CUDA: ask for the CPU build, then, where there is none (macOS), for the plain one.
$(SETUP): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo 'setup: $(PYTHON) is missing; install it, or name another with make PYTHON=...' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo 'setup: $(PYTHON) cannot create $(VENV); on Debian, install python3.11-venv' >&2; exit 1; }
	@echo 'setup: installing into $(VENV); PyTorch and TensorFlow take about 2 GB and a few minutes'
	$(BIN)/python -m pip install --quiet 'pip>=25.1'
	$(BIN)/python -m pip install --quiet '$(NEEDED)+cpu' 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet '$(NEEDED)+cpu' --extra-index-url https://download.pytorch.org/whl/cpu 2>/dev/null \
	  || { test "$$(uname -s)" = Darwin && $(BIN)/python -m pip install --quiet '$(NEEDED)'; } \
	  || { echo 'setup: pip could not install $(NEEDED) for the CPU (are PyPI and download.pytorch.org reachable?)' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --editable . --group test \
	  || { echo 'setup: pip could not install what pyproject.toml names (is PyPI reachable?)' >&2; exit 1; }
	@touch $@

demo: $(SETUP) ## Convert the example models, run both sides, and show them side by side with the verdicts.
	@$(BIN)/python examples/demo.py

check: $(SETUP) client-check ## Formatting, lint, types and import contracts, of the server and the extension.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports

test: $(SETUP) ## Everything: check, the tests of the server in stages, and the packaged extension in a real editor.
	@$(BIN)/python tests/stages.py

test-python: $(SETUP) ## The tests of the server alone, without the editor.
	@$(BIN)/python tests/stages.py --without check --without editor

rules-test: $(SETUP) ## Run the samples of every rule in both frameworks; NAME="Sum Conv2d" for some.
	$(BIN)/diptych rules test $(NAME)

planted: $(SETUP) ## Plant a bug into the twin of each of 21 models and see whether verification points at its line; SEED=1 for others.
	@PYTHONPATH=. $(BIN)/python -m tests.verification.planted $(if $(SEED),--seed $(SEED)) $(NAME)

conformance: $(SETUP) ## Convert PyTorch's own databases, every Keras layer and a census of names; PARTS="modules layers" for some.
	@$(BIN)/python -m tests.conformance $(PARTS)

catalogue: $(SETUP) ## build/catalogue/index.html: every rule and every reason on one page, to search and read.
	@$(BIN)/python catalogue/build.py

calibration: $(SETUP) ## Verify labelled pairs, rounding and bugs, and write docs/calibration.md; NAMES="deep axes" for some.
	@$(BIN)/python -m tests.calibration $(NAMES)

LIGHTNING = build/training/site/complete

training-install: $(LIGHTNING) ## Install Lightning, for the training scripts that are written with it, into a folder of their own under build/.

$(LIGHTNING): tests/training/requirements.txt | $(SETUP)
	rm -rf $(@D)
	$(BIN)/python -m pip install --quiet --no-deps --target $(@D) --requirement $< \
	  || { echo 'training: pip could not install Lightning (is PyPI reachable?)' >&2; exit 1; }
	@touch $@

training: $(LIGHTNING) ## Run whole training scripts on both sides, five steps each, and write docs/training.md; NAMES="vae gan" for some.
	@$(BIN)/python -m tests.training $(NAMES)
	@$(BIN)/python -m pytest -q tests/training/test_lightning.py

soak: $(SETUP) ## Verify 500 times in a row with a fault in one of ten; TIMES=50 for fewer. Nothing may leak.
	@$(BIN)/python -m tests.calibration.soak --times $(or $(TIMES),500)

fuzz: $(SETUP) ## Type, ask, cancel and err at random in the language server; MINUTES=30, SEED=1. What fails is kept as a test.
	@$(BIN)/python tests/protocol/fuzz.py --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))

sweep: $(SETUP) ## Check and convert every file of the standard library, torch, tensorflow and keras; PARTS="torch", SAMPLE=200.
	@$(BIN)/python -m tests.sweep $(PARTS) $(if $(SAMPLE),--sample $(SAMPLE))

CORPUS = build/corpus/site/complete

corpus-install: $(CORPUS) ## Install the libraries of the development corpus, into a folder of their own under build/.

$(CORPUS): tests/corpus/requirements.txt | $(SETUP)
	rm -rf $(@D)
	$(BIN)/python -m pip install --quiet --no-deps --target $(@D) --requirement $< \
	  || { echo 'corpus: pip could not install the libraries (is PyPI reachable?)' >&2; exit 1; }
	@touch $@

corpus: $(CORPUS) ## Convert and run models of the corpus as published; write docs/corpus.md. NAMES="resnet" for some.
	@$(BIN)/python -m tests.corpus $(NAMES)

corpus-properties: $(CORPUS) ## Convert every file of the corpus: it ends, parses, and loses no comment.
	@$(BIN)/python -m tests.corpus.properties

bench: $(SETUP) ## Speed and memory beside bare pygls, other servers and linters; PARTS="own servers linters", WRITE=1 for the page.
	@$(BIN)/python bench/bench.py $(PARTS) $(if $(WRITE),--write)

clean: ## Remove what was built or cached; .venv and node_modules stay.
	rm -rf build client/dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -not -path './node_modules/*' -prune -exec rm -rf {} +

-include client/client.mk
