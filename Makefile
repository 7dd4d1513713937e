# The verbs. Each is a line or two that call a playbook or a test; `make help` lists them.
ENV ?= lab
ARGS ?=
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg

.DEFAULT_GOAL := help
.PHONY: help up down deploy status maintenance remove preflight check lint static unit test test-all bench bootstrap controller

help: ## List the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: bootstrap ## From nothing to the running stack; again: changes nothing and says so
	@bin/play $(ENV) up $(ARGS)

down: ## Remove what `make up` made; PURGE=1 also removes secrets and certificates
	@bin/play $(ENV) down $(ARGS)
	@$(if $(PURGE),rm -rf .lab)

deploy: bootstrap ## Release the applications
	@bin/play $(ENV) deploy $(ARGS)

status: bootstrap ## How hosts, programs, queues and certificates are; ARGS='-e format=json' for programs
	@bin/play $(ENV) status $(ARGS)

maintenance: bootstrap ## Answer 503 for all but some: STATE=on|off [APP=name] [ALLOW=address,...] [HEALTH=1]
	@bin/play $(ENV) maintenance -e maintenance_state='$(STATE)' -e maintenance_application='$(APP)' \
		-e maintenance_allow='$(ALLOW)' -e maintenance_health='$(HEALTH)' $(ARGS)

remove: bootstrap ## Take an application off its hosts, data included: APP=name CONFIRM=name
	@bin/play $(ENV) remove -e remove_application=$(APP) -e remove_confirmed=$(CONFIRM) $(ARGS)

preflight: bootstrap ## Check everything that can be known before a host is changed
	@bin/play $(ENV) preflight $(ARGS)

check: controller lint static unit ## Lint, static tests, the application's unit tests: no container, below two minutes

lint: controller
	@bin/lint

static: controller
	@pytest -q -n 2 tests/static

unit: controller
	@bin/unit-tests

test: check bootstrap ## All of check, then every scenario in containers
	@pytest -n 2 --dist worksteal tests/scenarios

test-all: check bootstrap ## All of test, and the long scenarios; the report goes to docs/
	@bin/test-all

bench: bootstrap ## Measure provisioning against its peers
	@bench/provision

bootstrap:
	@bin/bootstrap

controller:
	@bin/bootstrap controller
