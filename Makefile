# make run    everything on this machine until Ctrl-C; PORT, HOST and KEXIE_DATA are honoured
# make setup  the environment with all tools; what the others call first
# make test   the whole suite against real servers, on all cores; with CI=true nothing may be skipped
# make check  what CI runs: lint, types, import contracts, tests

.PHONY: setup run test check bench migration lock

PYTHON = .venv/bin/python
IS_RIGHT_PYTHON = -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))'
TRANSLATIONS = $(patsubst %.po,%.mo,$(wildcard kexie_events/translations/*/LC_MESSAGES/*.po))
PIP = $(PYTHON) -m pip --disable-pip-version-check --quiet install --requirement
# Flags that keep the machine of whoever locks out of the files.
COMPILE = $(PYTHON) -m piptools compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --no-emit-options --strip-extras --allow-unsafe

# Stamps: each is newer than the list that was installed last.
.venv/made:
	@if .venv/bin/python $(IS_RIGHT_PYTHON) 2>/dev/null; then touch $@; exit 0; fi; \
	for python in python3.11 python3.12 python3; do \
	  if $$python $(IS_RIGHT_PYTHON) 2>/dev/null; then \
	    echo "making .venv with $$python"; \
	    rm -rf .venv; \
	    $$python -m venv .venv && touch $@ && exit 0; \
	    rm -rf .venv; \
	    echo "$$python cannot make an environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	  fi; \
	done; \
	echo "Python 3.11 or 3.12 is needed, and none of python3.11, python3.12, python3 is one" >&2; exit 1

# Not compiled: the first page is there sooner, since only what is imported is compiled, when it is.
.venv/runtime: .venv/made requirements.txt
	@echo "installing the runtime packages"
	@$(PIP) requirements.txt --no-compile
	@touch .venv/runtime

# Compiled: tests take warnings for errors, also those of somebody else's source at its first import.
.venv/tools: .venv/runtime requirements-dev.txt
	@echo "installing the tools"
	@$(PIP) requirements-dev.txt
	@$(PYTHON) -W ignore -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 || true
	@touch .venv/tools

%.mo: %.po | .venv/runtime
	@$(PYTHON) -m babel.messages.frontend --quiet compile --input-file=$< --output-file=$@

setup: .venv/tools $(TRANSLATIONS)

# Bytecode is written whatever the surroundings say: the second start lives on it.
# exec: make's own SIGTERM, and its death, reach the program itself.
run: .venv/runtime $(TRANSLATIONS)
	@PYTHONDONTWRITEBYTECODE= exec $(PYTHON) -m kexie_events.standalone --end-with-parent

test: setup
	$(PYTHON) -m pytest -p tests.plugins.no_skips -p tests.plugins.together --numprocesses=auto --maxprocesses=4 $(TESTS)

check: setup
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	@$(MAKE) test

bench: setup
	@$(PYTHON) -m bench

# make migration m="what changes"
migration: setup
	@[ -n "$(m)" ] || { echo 'say what changes: make migration m="what changes"' >&2; exit 1; }
	@$(PYTHON) -m kexie_events.standalone.throwaway \
	  sh -c '$(PYTHON) -m flask db upgrade && $(PYTHON) -m flask db migrate -m "$$0"' "$(m)"

lock: setup
	$(COMPILE) --output-file=requirements.txt requirements.in
	$(COMPILE) --output-file=requirements-dev.txt requirements-dev.in
