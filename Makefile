# Two commands: `make run` and `make test`. Everything goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test fuzz lint bench sample packages

run: $(VENV)/run.stamp
	$(BIN)/streamlit run app.py

# The tests that drive a browser or kill servers come after all others, with nothing but each other beside them.
ALONE := tests/test_browser.py tests/test_stage.py tests/test_store.py tests/test_workspaces.py

test: packages $(VENV)/test.stamp lint
	$(BIN)/python -m pytest -n 2 --dist loadfile $(addprefix --ignore=,$(ALONE))
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ALONE)

# The import's fuzz tests with many more examples; half an hour.
fuzz: $(VENV)/test.stamp
	FUZZ=1 $(BIN)/python -m pytest tests/test_fuzz.py

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.models
	$(BIN)/python -m benchmarks.intake
	$(BIN)/python -m benchmarks.scenarios
	$(BIN)/python -m benchmarks.export
	$(BIN)/python -m benchmarks.browser

sample: $(VENV)/run.stamp
	$(BIN)/python -m data.make_sample

# Debian packages that the browser tests need; only as root, otherwise the tests name what is missing.
packages:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! dpkg -s $$(cat packages.txt) >/dev/null 2>&1; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$(cat packages.txt); \
	fi

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-test.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	@touch $@ $(VENV)/run.stamp
