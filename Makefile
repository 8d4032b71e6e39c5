# The jobs of the house. Each works as the first command in a fresh clone with Python 3.11 or newer, git and make.
.DEFAULT_GOAL := help
.PHONY: help demo test check structure bench docs docs-serve lock clean distclean

UV_VERSION := 0.13.9
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, os.cpu_count() or 1))')
DEMO_OUT ?= build/demo
BENCH ?= $(wildcard benchmarks/[a-z]*.py)
export NO_MKDOCS_2_WARNING := 1

# uv of the person, if it is new enough to read the lock file; else our own in .uv, from the package index.
UV_FITS := $(shell uv --version 2>/dev/null | awk '{ split($$2, v, "."); if (v[1] > 0 || v[2] >= 13) print "yes" }')
ifeq ($(UV_FITS),yes)
  UV := uv
  UV_READY :=
else
  UV := .uv/bin/uv
  UV_READY := .uv/uv-$(UV_VERSION).stamp
endif

help: ## Say what each job does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.run.stamp ## From three hospitals' raw files to a pooled two-stage cohort: build/demo/report.html (ARGS=...)
	$(BIN)/kohort demo --out $(DEMO_OUT) $(ARGS)

test: .venv/.dev.stamp ## All tests; what could not run here is named at the end (ARGS=...)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: .venv/.dev.stamp structure ## Lock file, ruff, pyright and the rules of the house
	$(UV) lock --check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright

structure: .venv/.dev.stamp ## The rules of the house: who may import whom, how long a file may be ...
	$(BIN)/pytest -q tests/structure

bench: .venv/.dev.stamp ## The measurement behind each claim of speed, the peer beside it (BENCH=file)
	@set -e; for file in $(BENCH); do echo "== $$file"; $(BIN)/python $$file; done

docs: .venv/.dev.stamp ## The manual in site/, every link checked
	$(BIN)/mkdocs build --strict --quiet
	$(BIN)/python docs/check_site.py site

docs-serve: .venv/.dev.stamp ## The manual on this machine, rebuilt while you write
	$(BIN)/mkdocs serve

lock: $(UV_READY) ## Lock the newest allowed versions of all dependencies
	$(UV) lock --upgrade

clean: ## Remove what the jobs made; the environment stays
	rm -rf build dist site demo kohort-demo docs/reference docs/spec .pytest_cache .ruff_cache .hypothesis .coverage*
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the environment as well
	rm -rf .venv .uv

.uv/uv-$(UV_VERSION).stamp:
	@$(PYTHON) -m venv .uv || { echo "python3 has no venv: install it (Debian and Ubuntu: apt install python3-venv)"; exit 2; }
	.uv/bin/pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
	@touch $@

# --inexact: the demo needs few packages and must not take the developer's away.
.venv/.run.stamp: pyproject.toml uv.lock $(UV_READY)
	$(UV) sync --locked --inexact --no-default-groups --quiet
	@touch $@

.venv/.dev.stamp: pyproject.toml uv.lock $(UV_READY)
	$(UV) sync --locked --inexact --quiet
	@touch $@ .venv/.run.stamp
