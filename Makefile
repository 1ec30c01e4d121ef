# make          what there is to make
# Every target sets up the environment by itself, from requirements.lock, in $(VENV).
OLDEST  := 3.11
VENV    ?= .venv
PYTHON  ?= python3 python3.13 python3.12 python3.11 python3.14 python
PORT    ?= 8000
BIN     := $(VENV)/bin
unexport PYTHONPATH PYTHONHOME

.PHONY: help setup book serve test lint bench results refresh lock clean distclean

help:
	@echo "make book      build the site: _build/html/index.html, every page executed"
	@echo "make serve     show the site at http://localhost:$(PORT)  (PORT=...)"
	@echo "make test      lint, engine tests, every page compared with its reference, the site checked"
	@echo "make results   rerun the paper-scale studies (hours; goes on where it was stopped)"
	@echo "make bench     speed and memory of the engine, into results/benchmarks.json (ten minutes)"
	@echo "make refresh   rewrite the reference notebooks after a page was changed"
	@echo "make lint      ruff"
	@echo "make clean     remove what was built (distclean: $(VENV) too)"
	@echo "Options: PYTHON=/path/to/python3.12, VENV=/path/to/environment"

# Hand over to the first Python that is new enough; if none is, name those that were found.
setup:
	@found=; for python in $(PYTHON); do \
	    version=$$("$$python" -c 'import sys; print(sys.version.split()[0]); \
	        sys.exit(sys.version_info[:2] < tuple(map(int, "$(OLDEST)".split("."))))' 2>/dev/null) \
	        && exec "$$python" tools/setup_venv.py "$(VENV)"; \
	    [ -z "$$version" ] || found="$$found $$python is $$version,"; \
	done; \
	if [ -n "$$found" ]; then problem="this Python is too old:$$found but $(OLDEST) is needed"; \
	else problem="no Python found (tried: $(PYTHON)), $(OLDEST) is needed"; fi; \
	echo "setup: $$problem. Install Python $(OLDEST) or newer, or run: make PYTHON=/path/to/python3" >&2; exit 1

book: setup
	$(BIN)/python tools/build_book.py

serve: setup
	@[ -f _build/html/index.html ] || $(BIN)/python tools/build_book.py
	@echo "The book is at http://localhost:$(PORT)  (stop with Ctrl-C)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

test: setup
	$(BIN)/python tools/run_tests.py

lint: setup
	$(BIN)/ruff check .

bench: setup
	$(BIN)/python -m pytest -q -s tests/benchmarks/bench_*.py

results: setup
	$(BIN)/kdsrc reproduce all --scale paper

refresh: setup
	$(BIN)/python tools/refresh_references.py

clean:
	rm -rf _build .pytest_cache .ruff_cache *.egg-info
	find kdsrc tests tools book -name __pycache__ -prune -exec rm -rf {} +

distclean: clean
	rm -rf .venv

# After a change of the environment: every version in it, written down. torch without its build's name.
lock: setup
	@{ $(BIN)/python -m pip list --format=freeze --exclude pip --exclude-editable | sed 's/+[a-z0-9.]*$$//'; \
	   echo 'appnope==0.1.4 ; sys_platform == "darwin"'; } | LC_ALL=C sort -f -t= -k1,1 > requirements.lock
