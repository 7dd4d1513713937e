"""Celery's part: the application, and what its settings say of queues, beat, broker and results."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from .environment import Reader
from .findings import Guess
from .python_files import Constants, Module, Project, dotted, strings

_RAW = re.compile(
    r"(?:celery_?|celeryd_|CELERY_?|CELERYD_|CELERYBEAT_)\w+|BROKER_\w+|(?:broker|task|beat|result|worker)_\w+"
)
_SCHEMES = re.compile(
    r"(?:django-db|django-cache|(?:py)?amqps?|rpc|rediss?|db\+\w+|cache\+\w+|sqs|disabled|memory)(?:$|:)"
)

_WORDS = {"redis": ("redis", "valkey"), "amqp": ("amqp", "rabbit")}


@dataclass(frozen=True)
class Setting:
    """A setting of Celery: its expression, and the ``place`` where it stands."""

    node: ast.expr
    place: str


def celery_application(project: Project) -> tuple[Guess, Module] | None:
    """Return what follows `celery -A`, and the module; None where no module makes a Celery application."""
    found = []
    for module in project.modules():
        configured = _configured(module)
        for node in module.syntax.body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                # `Celery[Task](...)` says of what kind its tasks are.
                made = node.value.func.value if isinstance(node.value.func, ast.Subscript) else node.value.func
                called = dotted(made).rpartition(".")[2]
                if isinstance(target, ast.Name) and (
                    called == "Celery"
                    or re.fullmatch(r"(make|create|init)_celery\w*", called)
                    or target.id in configured
                ):
                    found.append((module, target.id, node))
    # A module that is named for it outranks one that happens to make one.
    found.sort(key=lambda entry: ("celery" not in entry[0].name.rpartition(".")[2], entry[0].path.count("/")))
    for module, variable, node in found:
        return Guess(
            _argument(module, variable), f"{ast.unparse(node).splitlines()[0][:60]} in {module.place(node)}"
        ), module
    return None


def _configured(module: Module) -> set[str]:
    """Return the names of which a module asks what it asks of Celery alone, whatever class they are made of."""
    calls = (node.func for node in module.nodes if isinstance(node, ast.Call))
    asked = (func for func in calls if isinstance(func, ast.Attribute) and func.attr == "autodiscover_tasks")
    makers = {node.name for node in module.syntax.body if isinstance(node, ast.FunctionDef) and _makes_one(node)}
    assigned = (
        node for node in module.syntax.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
    )
    made = {dotted(node.targets[0]) for node in assigned if dotted(node.value.func) in makers}
    return {dotted(func.value) for func in asked} | made


def _makes_one(function: ast.FunctionDef) -> bool:
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(dotted(call.func).rpartition(".")[2] == "Celery" for call in calls)


def configured_by(project: Project, module: Module) -> list[Module]:
    """Return the modules that `config_from_object` names."""
    calls = [node for node in module.nodes if isinstance(node, ast.Call) and node.args]
    named = [
        text for node in calls if dotted(node.func).endswith("config_from_object") for text in strings(node.args[0])
    ]
    return [found for name in named if (found := project.module(name))]


def _argument(module: Module, variable: str) -> str:
    # `celery -A config` looks into config.celery as well.
    if module.name.endswith(".celery") and variable in {"app", "celery"}:
        return module.name.removesuffix(".celery")
    return module.name if variable in {"app", "celery"} else f"{module.name}:{variable}"


def celery_settings(modules: list[Module]) -> dict[str, Setting]:
    """Return settings by their name of today without `task_`: queues, routes, beat_schedule, broker_url, ..."""
    found: dict[str, Setting] = {}
    for module in modules:
        for name, nodes in module.named.items():
            if _RAW.fullmatch(name):
                # Written twice in a module: the last one holds.
                found.setdefault(canonical(name), Setting(nodes[-1], module.place(nodes[-1])))
    return found


def canonical(name: str) -> str:
    """Return `beat_scheduler` for CELERYBEAT_SCHEDULER, `queues` for CELERY_TASK_QUEUES and task_queues."""
    name = re.sub(r"^celerybeat_", "beat_", name.lower())
    return re.sub(r"^celery_", "", re.sub(r"^celeryd_", "worker_", name)).removeprefix("task_")


def queues(project: Project, settings: dict[str, Setting], reader: Reader) -> tuple[list[str], list[str]]:
    """Return the queues that anything names, the default one first, and where each was found."""
    constants = reader.constants
    reasons: dict[str, str] = {}
    default = reader.settled(settings["default_queue"].node) if "default_queue" in settings else None
    declared = settings.get("queues")
    listed = _declared(declared.node, constants) if declared else []
    if isinstance(default, str) and default:
        reasons[default] = f"the default queue in {settings['default_queue'].place}"
    elif "celery" not in listed:
        reasons["celery"] = "Celery's own default queue"
    reasons |= {name: f"task_queues in {declared.place}" for name in listed if name not in reasons}
    if "routes" in settings:
        for name in _routed(settings["routes"].node, constants):
            reasons.setdefault(name, f"routes in {settings['routes'].place}")
    for module in project.modules():
        for name, node in _called(module, constants):
            reasons.setdefault(name, f"queue= in {module.place(node)}")
    return list(reasons), [f"{name}: {reason}" for name, reason in reasons.items()]


def _declared(node: ast.AST, constants: Constants) -> list[str]:
    node = constants.resolved(node)
    if isinstance(node, ast.Dict):
        return [key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    found: list[str] = []
    loops = {
        dotted(loop.target): constants.value(loop.iter)
        for inner in ast.walk(node)
        if isinstance(inner, (ast.ListComp, ast.GeneratorExp, ast.SetComp))
        for loop in inner.generators
    }
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and dotted(inner.func).rpartition(".")[2] == "Queue":
            first = inner.args[0] if inner.args else next((k.value for k in inner.keywords if k.arg == "name"), None)
            looped = loops.get(dotted(first)) if first is not None else None
            name = constants.value(first)
            found += looped if isinstance(looped, list) else [name] if isinstance(name, str) else []
    return [name for name in dict.fromkeys(found) if isinstance(name, str)]


def _routed(node: ast.AST, constants: Constants) -> list[str]:
    found = []
    for inner in ast.walk(constants.resolved(node)):
        if isinstance(inner, ast.Dict):
            for key, value in zip(inner.keys, inner.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "queue":
                    found.append(constants.value(value))
    return [name for name in found if isinstance(name, str)]


def _called(module: Module, constants: Constants) -> list[tuple[str, ast.AST]]:
    """Return queues that a decorator or a publish names."""
    verbs = {"task", "shared_task", "apply_async", "send_task", "signature", "s", "si", "set", "delay"}
    found = []
    for node in module.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            verb = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            named = [k.value for k in node.keywords if k.arg == "queue"] if verb in verbs else []
            found += [(value, node) for value in map(constants.value, named) if isinstance(value, str)]
    return found


def exchange(settings: dict[str, Setting], constants: Constants) -> Guess | None:
    """Return the default exchange where the settings name one."""
    if "default_exchange" in settings:
        name = constants.value(settings["default_exchange"].node)
        if isinstance(name, str) and name:
            return Guess(name, f"the default exchange in {settings['default_exchange'].place}")
    return None


def beat(
    project: Project, settings: dict[str, Setting], dependencies: dict[str, str], constants: Constants
) -> Guess | None:
    """Return app_beat where there is a schedule, a scheduler, or a package whose schedule is in the database."""
    scheduler = settings.get("beat_scheduler")
    name = constants.value(scheduler.node) if scheduler else None
    if isinstance(name, str):
        return Guess({"scheduler": name}, f"the scheduler in {scheduler.place}")
    if "django-celery-beat" in dependencies:
        wanted = {"scheduler": "django_celery_beat.schedulers:DatabaseScheduler"}
        return Guess(wanted, f"django-celery-beat in {dependencies['django-celery-beat']}")
    if "beat_schedule" in settings:
        return Guess({}, f"the schedule in {settings['beat_schedule'].place}")
    for module in project.modules():
        for node in module.nodes:
            # As a decorator or called: others call a signal of their own by that name.
            used = node.decorator_list if isinstance(node, ast.FunctionDef) else [node]
            for part in (entry.func if isinstance(entry, ast.Call) else entry for entry in used):
                called = isinstance(node, (ast.FunctionDef, ast.Call))
                if called and dotted(part).rpartition(".")[2] in {"add_periodic_task", "periodic_task"}:
                    return Guess({}, f"{dotted(part)} in {module.place(node)}")
    return None


def url_kind(setting: Setting | None, constants: Constants) -> tuple[str, str] | None:
    """Return the first word in a setting that names a transport or backend, as `redis`, and the place."""
    if setting is None:
        return None
    named = [constants.nodes.get(node.id) for node in ast.walk(setting.node) if isinstance(node, ast.Name)]
    for node in [setting.node, *filter(None, named)]:
        for text in strings(node):
            if match := _SCHEMES.match(text):
                return match[0].rstrip(":"), setting.place
    # No URL in sight: what it is made by says it, as get_redis_url().
    spoken = " ".join(ast.unparse(node) for node in [setting.node, *filter(None, named)]).lower()
    brokers = [scheme for scheme, words in _WORDS.items() if any(word in spoken for word in words)]
    return (brokers[0], setting.place) if len(brokers) == 1 else None
