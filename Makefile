# demo, test, check and bench each set up what they need; none of them needs another to have run.
# Needs git, make and a Python >= 3.11; name one with `make PYTHON=...` if the first on the path is older.

CANDIDATES := python3 python3.13 python3.12 python3.11 python3.14 python
PYTHON ?= $(shell for name in $(CANDIDATES); do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo demo-train test check format generated bench clean

help:
	@echo 'make demo       audit the defective sample data set'
	@echo 'make demo-train train and judge a baseline of the clean sample data set, in five to ten minutes'
	@echo 'make test       run the tests'
	@echo 'make check      style, types, layers, shape, generated files'
	@echo 'make format     put the code into the style that `check` asks for'
	@echo 'make generated  write rules/README.md and rules/schema.json anew'
	@echo 'make bench      measure the claims of the README'
	@echo 'make clean      remove .venv and caches'

.venv/made:
	@test -n "$(PYTHON)" || { echo 'No Python >= 3.11 found. Install one, or name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo '$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@touch $@

.venv/base: pyproject.toml yoloaudit/version.py .venv/made
	$(PIP) --editable .
	@touch $@

.venv/dev: .venv/base
	$(PIP) --editable '.[dev,train]'
	@touch $@

demo: .venv/base
	@$(BIN)/yoloaudit check sample_data/defective/data.yaml; code=$$?; test $$code -le 1

demo-train: .venv/dev
	@$(BIN)/yoloaudit baseline sample_data/clean/data.yaml --weights '' --cfg yolov5n --imgsz 160 --epochs 400 \
		--batch-size 44 --cache ram --optimizer AdamW --hyp sample_data/few-pictures.yaml --device cpu

test: .venv/dev
	$(BIN)/python -m pytest -n $(WORKERS)

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_shape.py tests/test_layers.py
	@mkdir -p build
	$(BIN)/yoloaudit rules --schema > build/schema.json
	$(BIN)/yoloaudit rules --markdown > build/README.md
	@diff -u rules/schema.json build/schema.json && diff -u rules/README.md build/README.md \
		|| { echo 'Generated files are stale: make generated' >&2; exit 1; }

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generated: .venv/base
	$(BIN)/yoloaudit rules --schema > rules/schema.json
	$(BIN)/yoloaudit rules --markdown > rules/README.md

bench: .venv/dev
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.labels
	$(BIN)/python -m benchmarks.neighbours
	$(BIN)/python -m benchmarks.scan
	$(BIN)/python -m benchmarks.inference
	$(BIN)/python -m benchmarks.nms
	$(BIN)/python -m benchmarks.train
	$(BIN)/python -m benchmarks.label_errors
	$(BIN)/python -m benchmarks.against
	$(BIN)/python -m benchmarks.fix_kills
	$(BIN)/python -m benchmarks.compare_intervals

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
