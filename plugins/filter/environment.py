"""What an application's processes find in their environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.template import accept_lazy_markers

# As plugins/filter/applications.py does it, and for the same reason.
_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.applications.facts import filled  # noqa: E402


@accept_lazy_markers
def mapped_environment(templates: dict[str, str], facts: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return variable to value for ``app_environment_map``; ``facts`` is part to fact to value."""
    return {name: filled(template, facts) for name, template in templates.items()}


class FilterModule:
    """Offer the function above to templates: ``app.environment_map | mapped_environment(facts)``."""

    def filters(self) -> dict[str, Any]:
        return {"mapped_environment": mapped_environment}
