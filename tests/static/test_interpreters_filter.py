"""Wheels are for the interpreter that an application runs on, which need not be the host's own."""

from __future__ import annotations

from conftest import plugin

FILTERS = plugin("filter/interpreters").FilterModule().filters()
TRIXIE = {"python": "3.13", "python_full": "3.13.5", "machine": "x86_64", "glibc": "2.41"}
BOOKWORM = {"python": "3.11", "python_full": "3.11.2", "machine": "x86_64", "glibc": "2.36"}
OWN = "/opt/python3.12/bin/python3.12"


def answer(app: str, rc: int, stdout: str) -> dict:
    return {"interpreter": {"app": app, "python": OWN}, "rc": rc, "stdout": stdout}


def test_only_an_interpreter_of_its_own_is_asked_for():
    apps = [{"name": "garden", "python": "python3"}, {"name": "shop", "python": OWN}]
    assert FILTERS["named_interpreters"](apps) == [{"app": "shop", "python": OWN}]


def test_an_application_has_the_targets_of_its_own_interpreter_on_each_kind_of_host():
    versions = FILTERS["interpreter_versions"]([answer("shop", 0, "3.12.4\n")])
    hosts = [{"target": target, "versions": versions} for target in (TRIXIE, BOOKWORM, TRIXIE)]
    found = FILTERS["application_targets"](["garden", "shop"], hosts)
    assert found["garden"] == [TRIXIE, BOOKWORM]
    assert [(t["python"], t["python_full"], t["glibc"]) for t in found["shop"]] == [
        ("3.12", "3.12.4", "2.41"),
        ("3.12", "3.12.4", "2.36"),
    ]
    kinds = {"garden": "cp313-x86_64", "shop": "cp312-x86_64"}
    assert FILTERS["target_kinds"](["garden", "shop"], TRIXIE, versions) == kinds


def test_an_interpreter_that_is_missing_is_named_with_host_and_remedy():
    (found,) = FILTERS["interpreter_problems"]([answer("shop", 2, ""), answer("garden", 0, "3.12.4")], "web1")
    assert (found["variable"], found["value"]) == ("host web1: app_python of shop", OWN)
    assert "install it on each host" in found["remedy"]
    # Where the command could not even be started there is no code.
    assert len(FILTERS["interpreter_problems"]([{"interpreter": {"app": "shop", "python": OWN}}], "web1")) == 1
