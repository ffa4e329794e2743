# Everything sets itself up: a target that needs the environment makes it first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHECKERS := $(VENV)/.checkers
# Not compiled: Python does it for what is imported, a tenth of all that is installed. All of this project is imported.
QUICKLY := --quiet --disable-pip-version-check --no-compile -c constraints.txt
# With hatchling, which builds the package: pip would install it twice more in environments of its own.
FIRST := pip hatchling editables
# The tests of the console drive a browser. Without one they are skipped, and Playwright would be half of all bytes.
BROWSER := $(if $(shell command -v chromium 2> /dev/null),--group browser)
TARGET ?= mock
JOBS ?= auto

# Some containers forbid it, and then every process that a test starts would compile the package again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: serve demo test test-all check contract mutants bench openapi sources trace wheel-check clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --python $(BIN)/python install $(QUICKLY) $(FIRST) 2> /dev/null || \
		{ $(BIN)/python -m ensurepip && $(BIN)/python -m pip install $(QUICKLY) --upgrade $(FIRST); }
	$(BIN)/python -m compileall -q volcv_mock contract_tests & \
		$(BIN)/python -m pip install $(QUICKLY) --no-build-isolation --editable . --group test $(BROWSER) && wait
	touch $@

$(CHECKERS): $(READY)
	$(BIN)/python -m pip install $(QUICKLY) --group check
	touch $@

serve: $(READY)  ## start the mock on 127.0.0.1:8410
	$(BIN)/volcv-mock serve

demo: $(READY)  ## run every operation on real pictures, write demo/contact-sheet.png
	$(BIN)/volcv-mock demo --out demo

test: $(READY)  ## the project's own tests but the long ones, in JOBS processes (one per core)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not long"

test-all: $(READY)  ## with those that repeat whole runs of the contract suite and of benchmarks
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

check: $(CHECKERS)  ## lint and types
	$(BIN)/ruff check .
	$(BIN)/mypy

contract: $(READY)  ## run the contract tests against the mock; TARGET=server for a socket
	$(BIN)/python -m pytest contract_tests --target $(TARGET) $(if $(filter mock server,$(TARGET)),-n $(JOBS) --dist worksteal)

mutants: $(READY)  ## check that the contract tests detect every mutant, report no false alarm, and calibrate correctly
	$(BIN)/python -m contract_tests.mutants.everything

bench: $(READY)  ## speed, as ratios inside one run
	$(BIN)/python -m benchmarks

openapi: $(READY)  ## regenerate schemas/openapi.json
	$(BIN)/python -m tools.openapi

sources: $(READY)  ## check every quoted word against the documents: make sources DOCS=folder
	$(BIN)/python -m tools.sources $(DOCS)

trace: $(READY)  ## regenerate docs/trace.md: sentence, keyword, test, last result
	$(BIN)/python -m contract_tests.traceability

wheel-check: $(CHECKERS)  ## build the wheel, install it in an empty environment, run the demo there
	$(BIN)/python tools/wheel_check.py

clean:
	rm -rf $(VENV) build dist demo
