# The verbs. Each is a line or two that call a playbook or a test; `make help` lists them.
ENV ?= lab
ARGS ?=
# APP=name means one application alone.
ONLY = $(if $(APP),-e release_only=$(APP))
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Else each of hundreds of processes compiles again what it imports: Django, or the linter.
unexport PYTHONDONTWRITEBYTECODE
# CONFIRM=1 answers for a protected environment; `remove-app` wants the application's name there.
export CLOCHE_CONFIRM := $(CONFIRM)

.DEFAULT_GOAL := help
# No target here is a file.
.PHONY: $(shell sed -n 's/^\([a-z -]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## List the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: bootstrap ## From nothing to the running stack; again: changes nothing and says so
	@bin/play $(ENV) up $(ARGS)

down: ## Remove what `make up` made; PURGE=1 also removes secrets and certificates
	@bin/play $(ENV) down $(if $(PURGE),-e down_purge=true) $(ARGS)

build: bootstrap ## Build what a deploy would release, into dist/
	@bin/play $(ENV) build $(ONLY) $(ARGS)

deploy: bootstrap ## Release the applications; RELEASE=dist/….tar or the id of a release that the hosts have
ifneq ($(wildcard $(RELEASE)),)
	@bin/play $(ENV) deploy $(ONLY) -e release_bundle=$(RELEASE) $(ARGS)
else ifdef RELEASE
	@bin/play $(ENV) rollback $(ONLY) -e release_verb=deploy -e release_to=$(RELEASE) $(ARGS)
else
	@bin/play $(ENV) deploy $(ONLY) $(ARGS)
endif

rollback: bootstrap ## Back to the release before, or to TO=id
	@bin/play $(ENV) rollback $(ONLY) -e release_verb=rollback -e release_to=$(TO) $(ARGS)

releases: bootstrap ## What the hosts have: release, revision, when, who, state, size
	@bin/play $(ENV) releases $(ONLY) $(ARGS)

status: bootstrap ## How hosts, programs, queues and certificates are; ARGS='-e format=json' for programs
	@bin/play $(ENV) status $(ARGS)

doctor: bootstrap ## Say which settings can lose a task, a request or a secret; ARGS='-e doctor_strict=true' fails then
	@bin/play $(ENV) doctor $(ONLY) $(ARGS)

backup: bootstrap ## Back everything up now; KIND=full|diff for the database
	@bin/play $(ENV) backup -e backup_asked='$(KIND)' $(ARGS)

backups: bootstrap ## What can be restored: kind, age, size; ARGS='-e format=json' for programs
	@bin/play $(ENV) backups $(ARGS)

restore: bootstrap ## Bring data back to a second: AT='2026-11-30 12:00:00' (UTC) [WHAT=database,media,redis,rabbitmq]
	@bin/play $(ENV) restore -e "restore_at='$(AT)'" -e restore_what='$(WHAT)' -e restore_timeline='$(TIMELINE)' $(ARGS)

restore-drill: bootstrap ## Prove the newest backups: restore them beside what runs, and compare
	@bin/play $(ENV) restore_drill $(ARGS)

secrets: bootstrap ## Make the secrets that are missing, and list all by name; EDIT=1 opens them
	@bin/secrets $(ENV) '$(EDIT)' $(ARGS)

rotate: bootstrap ## Exchange a secret while everything serves: SECRET=postgres|rabbitmq|redis|django|flower [APP=name] [KEEP=1]
	@bin/play $(ENV) rotate -e rotate_secret='$(SECRET)' -e rotate_application='$(APP)' -e rotate_keep='$(KEEP)' $(ARGS)

maintenance: bootstrap ## Answer 503 for all but some: STATE=on|off [APP=name] [ALLOW=address,...] [HEALTH=1]
	@bin/play $(ENV) maintenance -e maintenance_state='$(STATE)' -e maintenance_application='$(APP)' \
		-e maintenance_allow='$(ALLOW)' -e maintenance_health='$(HEALTH)' $(ARGS)

drain: bootstrap ## Take a worker or web host out of service, or back: HOST=name [STATE=out|in]
	@bin/play $(ENV) drain -e drain_host='$(HOST)' -e drain_state='$(STATE)' $(ARGS)

requeue: bootstrap ## Send messages that lie in QUEUE=unrouted|dead-letter to where they were to go: [APP=name] [TASK=name]
	@bin/play $(ENV) requeue $(ONLY) -e requeue_queue='$(QUEUE)' -e requeue_task='$(TASK)' $(ARGS)

rolling-restart: bootstrap ## Restart a group's services host by host, nothing lost: GROUP=rabbitmq|postgres|redis|etcd|web|worker|balancer
	@bin/play $(ENV) rolling_restart -e rolling_group='$(GROUP)' $(ARGS)

update: bootstrap ## Bring operating systems up to date host by host: [GROUP=name] [REBOOT=auto|always|never]
	@bin/play $(ENV) update -e update_group='$(GROUP)' -e update_reboot='$(REBOOT)' $(ARGS)

drift: bootstrap ## Where the hosts differ from the inventory; silent where they do not
	@bin/play $(ENV) drift $(ARGS)

topology: bootstrap ## Draw the environment's hosts, services and ports: [TO=file.svg]
	@bin/play $(ENV) topology -e to='$(TO)' $(ARGS)

history: bootstrap ## Who ran which verb, from where, when, and how it ended: [LAST=40]; ARGS='-e format=json' for programs
	@bin/play $(ENV) history -e last='$(LAST)' $(ARGS)

# By the environment, so that no shell takes a quote or a dollar of CMD for its own.
logs shell manage psql ssh flower: export CLOCHE_APP = $(APP)
logs shell manage psql ssh flower: export CLOCHE_HOST = $(HOST)
manage psql ssh: export CLOCHE_COMMAND = $(CMD)
psql: export CLOCHE_ROLE = $(ROLE)
flower: export CLOCHE_PORT = $(PORT)
logs: export CLOCHE_PROGRAM = $(PROGRAM)
logs: export CLOCHE_REQUEST = $(REQUEST)
logs: export CLOCHE_SINCE = $(SINCE)
logs: export CLOCHE_FOLLOW = $(FOLLOW)
logs: export CLOCHE_FORMAT = $(FORMAT)

logs: bootstrap ## All logs as one, following: [PROGRAM=web,nginx] [APP=x] [HOST=x] [SINCE=2h] [FOLLOW=0]; REQUEST=id its whole story
	@bin/on $(ENV) logs

shell: bootstrap ## Django's shell, or Python, in the live release: [APP=x] [HOST=x]
	@bin/on $(ENV) shell

manage: bootstrap ## A command of manage.py in the live release: CMD='showmigrations' [APP=x] [HOST=x]
	@bin/on $(ENV) manage

psql: bootstrap ## psql on an application's database, with its rights: [APP=x] [CMD='select …'] [ROLE=postgres]
	@bin/on $(ENV) psql

ssh: bootstrap ## A shell on a host, as the inventory reaches it: [HOST=x] [CMD='…']
	@bin/on $(ENV) ssh

flower: bootstrap ## Flower on a port of this machine alone, until Ctrl-C: [APP=x] [PORT=5555]
	@bin/on $(ENV) flower

remove-app: bootstrap ## Take an application off its hosts, data included, after a backup: APP=name CONFIRM=name [BACKUP=0]
	@bin/play $(ENV) remove_app -e remove_application=$(APP) -e remove_confirmed=$(CONFIRM) -e remove_backup='$(BACKUP)' $(ARGS)

new-app: controller ## Describe an application from its source, which is not run: NAME=shop SOURCE=../shop|git+ssh://…@ref|pypi:…
	@python bin/new-app '$(NAME)' '$(ENV)' '$(SOURCE)'

preflight: bootstrap ## Check everything that can be known before a host is changed
	@bin/play $(ENV) preflight $(ARGS)

check: environments ## Lint, static tests, unit tests, types: no container
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target lint static unit demo agent types classic

lint: controller
	@bin/lint

static: controller
	@pytest -q -n 2 --dist worksteal tests/static

unit agent demo classic types: environments
	@bin/unit-tests $(subst unit,app,$@)

# Before several that need the same one could make it at the same time.
environments: controller
	@bin/test-venv app
	@bin/test-venv celery-demo
	@bin/test-venv classic

integration: controller ## The application's tests on RabbitMQ, Redis and PostgreSQL in a container of their own
	@bin/integration-tests $(ARGS)

broker: bootstrap ## A RabbitMQ of your own on loopback, with management UI; STOP=1 removes it, PURGE=1 its data too
	@bin/broker $(if $(PURGE),purge,$(if $(STOP),stop))

# An environment of compose/: local or production.
COMPOSE ?= local

compose-up: engine ## The same stack by docker compose; COMPOSE=production for a single server
	@compose/up $(COMPOSE)

compose-down: ## Remove its containers; PURGE=1 also its volumes
	@bin/compose $(COMPOSE) down --remove-orphans $(if $(PURGE),--volumes)

compose-scale: ## So many containers of celery_worker: WORKERS=3
	@bin/compose $(COMPOSE) up --detach --no-recreate --scale celery_worker=$(WORKERS) celery_worker

compose-deploy: ## Another version for COMPOSE=production without a failed request; ROLLBACK=1 goes back
	@compose/deploy $(if $(ROLLBACK),--rollback) $(ARGS)

compose-test: bootstrap ## Both compose stacks, under load and with faults, beside nothing else
	@pytest tests/compose

test: check bootstrap ## All of check, then every scenario in containers
	@pytest -n 2 --dist worksteal tests/scenarios

test-all: check bootstrap ## All of test, integration, and the long scenarios; the report goes to docs/
	@bin/test-all $(ARGS)

bench: bootstrap ## Measure provisioning against its peers
	@bench/provision

bench-release: bootstrap ## Measure a release until it is live beside its floor
	@bench/release

bench-install: bootstrap ## Measure the installation of a large package beside uv pip install
	@bench/install

bench-celery: bootstrap ## Measure how fast a queue is drained, beside the tutorials' settings
	@bench/celery

bench-scale: bootstrap ## Measure tasks and requests a second against the number of hosts
	@bench/scale

drill: bootstrap ## Break things under load and say what came of it, where hosts are containers of this machine: [FAULT=name]
	@bin/drill $(ENV) $(FAULT) $(ARGS)

bootstrap:
	@bin/bootstrap

controller:
	@bin/bootstrap controller

engine:
	@bin/bootstrap engine
