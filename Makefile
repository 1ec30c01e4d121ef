# make          what there is to make
# Every target sets up the environment by itself, from requirements.lock, in $(VENV).
OLDEST  := 3.11
VENV    ?= .venv
PYTHON  ?= python3 python3.13 python3.12 python3.11 python3.14 python
PORT    ?= 8000
BIN     := $(VENV)/bin
unexport PYTHONPATH PYTHONHOME

.PHONY: help setup book pdf pack draft binder serve test check machines oldest newest lint bench coverage mutants \
        results refresh lock clean distclean

help:
	@echo "make book      build the site: _build/html/index.html, every page executed"
	@echo "make pdf       the built site as one PDF, _build/html/book.pdf, linked from its pages"
	@echo "make pack      a teaching pack of the built site: each figure as SVG and PNG with its data, _build/html/figures.zip"
	@echo "make draft     the site from the references, nothing executed, figures blank: _build/draft/_build/html"
	@echo "make serve     show the site at http://localhost:$(PORT)  (PORT=...)"
	@echo "make test      lint, engine tests, every page compared with its reference, the site checked"
	@echo "make check     the quick part of make test: lint, engine tests, every page"
	@echo "make machines  the tests as Haswell, Sandybridge, Nehalem too, and what differs  (MACHINES=..., ARGS=...)"
	@echo "make oldest    the tests with the oldest versions that pyproject.toml allows, in $(VENV)-oldest"
	@echo "make newest    the tests with the newest versions that it allows, in $(VENV)-newest"
	@echo "make results   rerun the paper-scale studies (hours; goes on where it was stopped)"
	@echo "make binder    an environment as Binder makes it, and a downloaded page run in it, in $(VENV)-binder"
	@echo "make bench     speed and memory of the engine, into results/benchmarks/report.json (ten minutes)"
	@echo "make coverage  the lines of the engine that the tests run; fails below the floor in pyproject.toml"
	@echo "make mutants   plant 200 small faults in the engine, and tell which no test notices (hours; ARGS=...)"
	@echo "make refresh   rewrite the reference notebooks after a page was changed"
	@echo "make lock      write requirements.lock anew, after a change of the environment"
	@echo "make lint      rules, format, layers and types of the code, which nothing has to run for"
	@echo "make clean     remove what was built (distclean: the environments too)"
	@echo "Options: PYTHON=/path/to/python3.12, VENV=/path/to/environment"

# Hand over to the first Python that is new enough; if none is, name those that were found.
setup:
	@found=; for python in $(PYTHON); do \
	    version=$$("$$python" -c 'import sys; print(sys.version.split()[0]); \
	        sys.exit(sys.version_info[:2] < tuple(map(int, "$(OLDEST)".split("."))))' 2>/dev/null) \
	        && exec "$$python" tools/setup_venv.py "$(VENV)" $(VERSIONS); \
	    [ -z "$$version" ] || found="$$found $$python is $$version,"; \
	done; \
	if [ -n "$$found" ]; then problem="this Python is too old:$$found but $(OLDEST) is needed"; \
	else problem="no Python found (tried: $(PYTHON)), $(OLDEST) is needed"; fi; \
	echo "setup: $$problem. Install Python $(OLDEST) or newer, or run: make PYTHON=/path/to/python3" >&2; exit 1

book: setup
	$(BIN)/python tools/build_book.py

pdf: setup
	@[ -f _build/html/index.html ] || $(BIN)/python tools/build_book.py
	$(BIN)/python tools/make_pdf.py

pack: setup
	@[ -f _build/html/index.html ] || $(BIN)/python tools/build_book.py
	$(BIN)/python tools/make_pack.py

draft: setup
	$(BIN)/python tools/build_book.py --draft _build/draft

# BINDER="--own-index": without PyTorch's own index, on a machine that reaches only one.
binder: setup
	$(BIN)/python tools/try_binder.py --folder "$(VENV)-binder" $(BINDER)

serve: setup
	@[ -f _build/html/index.html ] || $(BIN)/python tools/build_book.py
	@$(BIN)/python tools/serve.py _build/html "$(PORT)"

test: setup
	$(BIN)/python tools/run_tests.py

check: setup
	$(BIN)/python tools/run_tests.py lint "engine and pages"

# MACHINES="native haswell-2": some of the settings; ARGS="tests/test_krylov.py -k name": some of the tests.
machines: setup
	$(BIN)/python tools/machines.py $(MACHINES) -- $(ARGS)

# TORCH=bound: torch as the other packages, not at the lock's version (its other builds can be gigabytes).
TORCH ?= lock
oldest newest:
	@$(MAKE) --no-print-directory setup VENV="$(VENV)-$@" VERSIONS="$@ $(TORCH)"
	$(VENV)-$@/bin/python tools/run_tests.py "engine and pages" "slow tests"

lint: setup
	$(BIN)/python tools/lint.py

bench: setup
	$(BIN)/python -m pytest -q -s tests/benchmarks/bench_*.py

# Not part of make test: Python 3.11 counts lines at half as much time again.
coverage: setup
	$(BIN)/python tools/run_tests.py coverage

mutants: setup
	$(BIN)/python tools/mutants.py $(ARGS)

results: setup
	$(BIN)/kdsrc reproduce all --scale paper

refresh: setup
	$(BIN)/python tools/refresh_references.py

clean:
	rm -rf _build .pytest_cache .ruff_cache .import_linter_cache .mypy_cache *.egg-info
	find kdsrc tests tools book -name __pycache__ -prune -exec rm -rf {} +

distclean: clean
	rm -rf .venv .venv-oldest .venv-newest .venv-binder

# After a change of the environment: every version in it, written down. torch without its build's name.
lock: setup
	@{ $(BIN)/python -m pip list --format=freeze --exclude pip --exclude-editable | sed 's/+[a-z0-9.]*$$//'; \
	   echo 'appnope==0.1.4 ; sys_platform == "darwin"'; } | LC_ALL=C sort -f -t= -k1,1 > requirements.lock
