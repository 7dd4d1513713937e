"""From a source to the lines of its definition."""

from __future__ import annotations

from pathlib import PurePosixPath

from ansible.module_utils.applications.connections import fitted, left
from ansible.module_utils.applications.rules import DJANGO_ADMIN

from . import celery_project, django_project, own_settings, packages, requirements, scripts, vault
from .completing import complete, connection_facts
from .environment import Reader
from .files import say_files
from .findings import Definition, Guess
from .inventory import Environment
from .processes import say_environments
from .python_files import Constants, Module, Project
from .services import Evidence, Services
from .tree import Tree
from .wiring import Wirer
from .workers import time_limit, workers


class Inspection:
    """Describes one source, step by step; each step adds lines to ``definition``."""

    def __init__(self, tree: Tree, name: str, source: dict[str, str], environment: Environment) -> None:
        self.name, self.source, self.environment = name, dict(source), environment
        self.definition = Definition()
        self.tree = self._inside(tree)
        self.manage = django_project.manage_file(self.tree)
        self.project = Project(self.tree, self._base())
        extras = frozenset(requirements.extras(source.get("package", "")))
        self.dependencies = requirements.dependencies(self.tree, extras)
        self.settings = django_project.settings_module(self.project, self.manage)
        self.django = bool(self.manage or (self.settings and "django" in self.dependencies))
        found = celery_project.celery_application(self.project)
        self.celery, celery_module = found or (None, None)
        self.celery_settings_module = (
            django_project.settings_of_celery(self.project, self.settings, celery_module.path)
            if celery_module
            else None
        )
        named = [self.settings, self.celery_settings_module] if self.django else []
        starts = [self.project.module(guess.value) for guess in named if guess]
        starts += [*celery_project.configured_by(self.project, celery_module), celery_module] if celery_module else []
        self.modules: list[Module] = self.project.reached(*starts)
        self.reader, self.constants = Reader(self.modules), Constants(self.modules)
        self.celery_settings = celery_project.celery_settings(self._configuring()) if found else {}

    def describe(self) -> Definition:
        """Return the definition."""
        self._source()
        self._web()
        services = self._celery_and_services()
        if self.manage and "package" not in self.source:
            self.definition.set("app_processes", scripts.processes(self.tree, self.manage))
        self._processes_get(services)
        if services.postgres:
            self._connections()
        return self.definition

    def _inside(self, tree: Tree) -> Tree:
        """Take the directory of manage.py for the source where the requirements are in it as well."""
        manage = django_project.manage_file(tree)
        inner = str(PurePosixPath(manage).parent) if manage else "."
        below = tree.below(inner)
        if inner == "." or "package" in self.source or requirements.requirements_file(tree):
            return tree
        if not (requirements.requirements_file(below) or requirements.lock_file(below)):
            return tree
        key = "path" if "path" in self.source else "subdirectory"
        self.source[key] = str(PurePosixPath(self.source.get(key, ""), inner))
        return below

    def _base(self) -> str:
        """Return the directory that modules are imported from, relative to the source."""
        if self.manage:
            beside = str(PurePosixPath(self.manage).parent)
            candidates = ["" if beside == "." else beside, "src"]
            for base in candidates:
                if django_project.named_settings(Project(self.tree, base), [self.manage]):
                    return base
            return candidates[0]
        return "src" if any(name.startswith("src/") and name.endswith(".py") for name in self.tree.files) else ""

    def _configuring(self) -> list[Module]:
        """Return the modules that hold Celery's settings: of Django's and the application's, not of its tasks."""
        return [m for m in self.modules if not m.name.endswith((".tasks", ".models", ".views", ".admin"))]

    def _source(self) -> None:
        say = self.definition
        say.set("app_name", Guess(self.name, "NAME"))
        say.set("app_source", Guess(self.source, "SOURCE"))
        if "git" in self.source and "version" not in self.source:
            say.remark("app_source", "No version: each build takes what the default branch is at the time.")
        self._requirements()
        needed = packages.packages(self.dependencies, self._uses_geo())
        if needed := needed | packages.typelibs(self.project.modules()):
            reasons = "; ".join(dict.fromkeys(needed.values()))
            say.set("app_packages", Guess(list(needed), reasons))
        if built := packages.build_packages(self.dependencies):
            say.set("app_build_packages", Guess(list(built), "; ".join(dict.fromkeys(built.values()))))
        if self.manage and "package" not in self.source:
            say.set("app_manage", Guess(self.manage, self.manage))
            hooks, notes = scripts.hooks(self.tree, self.manage)
            say.set("app_hooks", hooks)
            say.notes.extend(notes)
        elif self.django:
            say.set("app_manage", Guess(DJANGO_ADMIN, "no manage.py; Django's own command does the same"))

    def _requirements(self) -> None:
        if "package" in self.source:
            return
        if chosen := requirements.requirements_file(self.tree):
            self.definition.set("app_requirements", Guess(chosen, "the file that says most of production"))
        elif lock := requirements.lock_file(self.tree):
            self.definition.set("app_requirements", Guess(*lock))
            if groups := requirements.groups(self.tree):
                self.definition.set("app_extras", Guess(groups, "the dependency groups that are not for developers"))
        elif below := requirements.elsewhere(self.tree):
            self.definition.set("app_requirements", Guess(below, "the requirements file that asks for most"))
        else:
            words = "a requirements file or a lock in the source"
            found = "setup.py would have to be run to tell" if "setup.py" in self.tree else "none was found"
            self.definition.ask("app_requirements", words, found)
        if reason := requirements.own_package(self.tree, map(self.tree.text, self.tree.find("*.py"))):
            self.definition.set("app_install", Guess(True, reason))

    def _uses_geo(self) -> bool:
        return any(packages.GEO in self.tree.text(module.path) for module in self.modules)

    def _web(self) -> None:
        say = self.definition
        entries = (
            django_project.entry_points(self.project, self.constants, self.dependencies)
            if self.django
            else django_project.other_entry_points(self.project)
        )
        for key, guess in entries.items():
            say.set(key, guess)
        say.set("app_further_requirements", django_project.further(entries, self.dependencies, self.django))
        if not entries:
            say.notes.append("No WSGI or ASGI application was found, so there is no web program and no site.")
            return
        domain = self.environment.domain(self.name)
        if domain:
            say.set("app_domains", Guess([domain], "NAME; nobody's domain, for browsers on this machine"))
        else:
            say.ask(
                "app_domains", "a list of the names under which nginx answers, such as [www.example.com]", "not guessed"
            )
        path = django_project.health_path(self.project)
        if path:
            say.set("app_health_path", path)
        else:
            say.ask(
                "app_health_path",
                "a path that answers 200 to anybody, such as / or /login/",
                "no path that tells health",
            )
        if self.django:
            say_files(say, self.reader, self.project.base if self.manage else "")

    def _celery_and_services(self) -> Services:
        say = self.definition
        evidence = Evidence(self.tree, self.modules, self.constants, self.dependencies, self.celery_settings)
        variables = self.reader.variables()
        broker = results = None
        if self.celery:
            broker = evidence.broker()
            results = evidence.results(self.django, self.name, broker.value)
            self._celery(broker.value)
            say.set("app_broker", broker)
            say.set("app_result_backend", results)
        elif "celery" in self.dependencies:
            words = (
                "the module of the Celery application, what follows `celery -A`; remove the line where there is none"
            )
            say.ask("app_celery", words, f"celery in {self.dependencies['celery']}, but no module makes an application")
        postgres, redis = evidence.postgres(self.django, variables), evidence.redis(variables)
        broker_name, result_name = (broker.value if broker else None), (results.value if results else None)
        if "redis" in (broker_name, result_name):
            redis = redis or "Celery"
        if not postgres and result_name == "django-db":
            postgres = "Celery's results"
        if postgres:
            say.set("app_database", evidence.extensions() or Guess({}, ""))
        services = Services(bool(postgres), bool(redis), broker_name, result_name, self.environment.redis_ports())
        reasons = {"database": postgres, "broker": broker_name == "rabbitmq" and "app_broker", "redis": redis}
        reasons["django"] = "SECRET_KEY" if self.django else None
        self._secrets({name: reason for name, reason in reasons.items() if reason}, services)
        return services

    def _celery(self, broker: str) -> None:
        say, settings = self.definition, self.celery_settings
        say.set("app_celery", self.celery)
        if broker == "rabbitmq":
            say.set("app_exchange", celery_project.exchange(settings, self.constants))
        names, reasons = celery_project.queues(self.project, settings, self.reader)
        started = scripts.workers(self.tree)
        if further := [name for name in started.queues if name not in names]:
            names += further
            reasons.append(f"{', '.join(further)}: {started.place}")
        say.set("app_queues", Guess(names, "; ".join(reasons)))
        limit, reason = time_limit(settings.get("time_limit"), self.reader)
        say.set("app_workers", Guess(workers(names, limit, started.options), self._sizes(reason, started)))
        say.set("app_beat", celery_project.beat(self.project, settings, self.dependencies, self.constants))
        if "flower" in self.dependencies:
            say.set("app_flower", Guess({}, f"flower in {self.dependencies['flower']}"))

    def _sizes(self, limit: str, started: scripts.Workers) -> str:
        sizes = (
            f"{' and '.join(started.options)} in {started.place}" if started.options else "concurrency is a beginning"
        )
        return f"app_queues, each of them served; {limit}; {sizes}"

    def _secrets(self, reasons: dict[str, str], services: Services) -> None:
        if services.redis:
            cache, state = services.ports
            instances = {"access": "full", "cache": {"port": cache}, "state": {"port": state}}
            reason = (
                "ports that no other application here has; narrow is safer where Celery and Django's cache use it alone"
            )
            self.definition.set("app_redis", Guess(instances, reason))
        if reasons:
            values = {name: vault.reference(self.name, vault.SUFFIXES[name]) for name in reasons}
            said = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
            self.definition.set("app_secrets", Guess(values, said))

    def _connections(self) -> None:
        say = self.definition
        extensions = say.entries["app_database"]
        others = {stem: complete(stem, definition) for stem, definition in self.environment.applications.items()}
        free = left(others, connection_facts(self.environment))
        hosts = {group: len(names) for group, names in self.environment.groups.items()}
        limit = fitted(complete(self.name, say.values()), hosts, free)
        counted = f"each process and thread may hold one connection, and {max(free, 0)} of PostgreSQL's are nobody's"
        reason = "; ".join(filter(None, (extensions.reason, counted)))
        say.set("app_database", Guess({"connection_limit": limit} | extensions.value, reason))

    def _processes_get(self, services: Services) -> None:
        wiring = Wirer(self.name, services, self.dependencies).wire(self.reader, self.celery_settings, self.django)
        settings = self.settings if self.django else None
        if settings:
            further = (self.project, self.reader, self.dependencies)
            settings = own_settings.laid_over(settings, self.definition, wiring, *further)
        if self.manage and not settings:
            wiring.asked["DJANGO_SETTINGS_MODULE"] = "the module with the settings for production"
        say_environments(self.definition, wiring, self.project.base, settings, self.celery_settings_module)
