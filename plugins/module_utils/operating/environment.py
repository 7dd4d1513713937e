"""An environment as its inventory describes it: groups, hosts and applications, read by Ansible's own loader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible import constants
from ansible.cli import CLI
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.vars.manager import VariableManager

#: In this order an application's first host is looked for, as the release does.
APPLICATION_GROUPS = ("web", "worker", "beat", "flower")
#: What the verbs read of an application; none of it is a secret.
KEYS = ("app_name", "app_manage", "app_domains", "app_celery", "app_wsgi", "app_asgi")


class OperatingError(Exception):
    """What was asked for cannot be done; the message says why and what can."""


class Environment:
    """One inventory; ``place`` is its directory, or a name below inventories/ of the project."""

    def __init__(self, place: str, project: Path) -> None:
        path = Path(place) if "/" in place else project / "inventories" / place
        if not path.is_dir():
            names = sorted(entry.name for entry in (project / "inventories").iterdir())
            raise OperatingError(f"no environment '{place}'; there are: {', '.join(names)}")
        init_plugin_loader()
        self._loader = DataLoader()
        try:
            files = constants.DEFAULT_VAULT_PASSWORD_FILE
            secrets = CLI.setup_vault_secrets(
                self._loader, constants.DEFAULT_VAULT_IDENTITY_LIST, [files] if files else [], auto_prompt=False
            )
            self._loader.set_vault_secrets(secrets)
            self._inventory = InventoryManager(loader=self._loader, sources=[str(path)])
        except AnsibleError as error:
            raise OperatingError(str(error)) from None
        self._variables = VariableManager(loader=self._loader, inventory=self._inventory)
        self.name = path.name

    @property
    def hosts(self) -> list[str]:
        """Return the hosts' names, in the inventory's order."""
        return [host.name for host in self._inventory.get_hosts("all")]

    def group(self, name: str) -> list[str]:
        """Return the hosts of a group; none where there is no such group."""
        return [host.name for host in self._inventory.get_hosts(name)] if name in self._inventory.groups else []

    def variables(self, host: str, *names: str) -> dict[str, Any]:
        """Return those of a host's variables, or with no name how it is reached (``ansible_*``), templates rendered."""
        found, templar = self._scope(host)
        wanted = names or [key for key in found if key.startswith("ansible_")]
        return {key: templar.template(found[key]) for key in wanted if key in found}

    def applications(self) -> dict[str, dict[str, Any]]:
        """Return what the verbs read of each application, by name, keys without ``app_``; ``database``: has it one."""
        found, templar = self._scope(self.hosts[0])
        applications = {}
        for written in (found.get("applications") or {}).values():
            entry = {key.removeprefix("app_"): templar.template(written[key]) for key in KEYS if key in written}
            entry["database"] = bool((written.get("app_secrets") or {}).get("database"))
            entry["flower"] = written.get("app_flower") is not None
            applications[entry["name"]] = entry
        return applications

    def _scope(self, host: str) -> tuple[dict[str, Any], Templar]:
        known = self._inventory.get_host(host)
        if known is None:
            raise OperatingError(f"no host '{host}'; there are: {', '.join(self.hosts)}")
        try:
            found = self._variables.get_vars(host=known)
        except AnsibleError as error:
            raise OperatingError(str(error)) from None
        return found, Templar(loader=self._loader, variables=found)


def chosen(what: str, name: str, names: list[str]) -> str:
    """Return the name that was asked for, or the only one there is; ``what`` is the option that names it.

    Raises OperatingError where neither says which.
    """
    if name in names or (not name and len(names) == 1):
        return name or names[0]
    words = f"{what} is '{name}'" if name else f"say which with {what}="
    raise OperatingError(f"{words}: there are {', '.join(names) or 'none'}")
