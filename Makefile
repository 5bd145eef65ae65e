# Every target is a command of dev.py, which also works where there is no make.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help setup run seed test check check-fast format lint types migrate migration migrate-lint migrate-release backfill docs rules-docs api-diff client scenarios fuzz mutate trial remove-part parts-docs bake drill lock clean

help: ## Print the commands
	@$(PYTHON) dev.py

setup run seed check format lint types migrate-lint docs rules-docs client scenarios fuzz trial parts-docs clean:
	@$(PYTHON) dev.py $@

test: # make test ARGS="backend/tests/unit -k page"
	@$(PYTHON) dev.py test $(ARGS)

check-fast: # make check-fast ARGS=--all
	@$(PYTHON) dev.py check-fast $(ARGS)

migrate: # make migrate ARGS=+1
	@$(PYTHON) dev.py migrate $(ARGS)

migration: # make migration m="add a due date to tasks"
	@$(PYTHON) dev.py migration "$(m)"

backfill: # make backfill ARGS="people_display_name --batch-size=1000"
	@$(PYTHON) dev.py backfill $(ARGS)

migrate-release: # make migrate-release ARGS=create_goals
	@$(PYTHON) dev.py migrate-release $(ARGS)

api-diff: # make api-diff ARGS=main
	@$(PYTHON) dev.py api-diff $(ARGS)

mutate: # make mutate ARGS="--rule PB5 --stage plumb"
	@$(PYTHON) dev.py mutate $(ARGS)

lock: # make lock ARGS=--upgrade
	@$(PYTHON) dev.py lock $(ARGS)

remove-part: # make remove-part ARGS="ai --dry-run"
	@$(PYTHON) dev.py remove-part $(ARGS)

bake drill: # make drill ARGS="ai notes"
	@$(PYTHON) dev.py $@ $(ARGS)
