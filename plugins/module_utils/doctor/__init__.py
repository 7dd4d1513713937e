"""What in a release's settings can lose a task, a request or a secret: rules on facts, and their findings as lines."""

from __future__ import annotations

from typing import Any

from . import (
    celery_broker,
    celery_queues,
    celery_redis,
    celery_results,
    celery_tasks,
    django_data,
    django_requests,
    django_secrets,
    gunicorn,
)
from .case import Case
from .rule import SEVERITIES, Rule

__all__ = ["GROUPS", "SEVERITIES", "Case", "Rule", "diagnose", "settings"]

#: By what an application must have for them to apply.
GROUPS: dict[str, tuple[Rule, ...]] = {
    "celery": (
        *celery_tasks.RULES, *celery_queues.RULES, *celery_broker.RULES, *celery_redis.RULES, *celery_results.RULES
    ),
    "django": (*django_secrets.RULES, *django_requests.RULES, *django_data.RULES),
    "web": gunicorn.RULES,
}  # fmt: skip


def settings() -> list[str]:
    """Return the names of all settings that findings are about."""
    return [rule.setting for rules in GROUPS.values() for rule in rules]


def diagnose(facts: dict[str, Any], app: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the findings, the worst first; see Rule.finding.

    ``facts`` is what the agent's verb ``doctor`` said, ``app`` the complete definition. Of a setting that is right
    nothing is said.
    """
    case = Case(facts, app)
    rules = [rule for group, rules in GROUPS.items() if getattr(case, group) for rule in rules]
    found = [finding for rule in rules if (finding := rule.finding(case))]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding["severity"]))
