"""Reads rendered files as their programs would, as far as that needs no host. Each check raises AssertionError."""

from __future__ import annotations

import configparser
import re
import subprocess
from typing import Any

from passlib.hash import sha512_crypt

Variables = dict[str, Any]


def shell_environment(text: str) -> dict[str, str]:
    """Return what a shell exports after reading a file as the start script does (`set -a; . file`)."""
    script = "set -aeuo pipefail; . /dev/stdin; exec env -0"
    run = subprocess.run(
        ["bash", "-c", script], input=text, env={}, capture_output=True, text=True, timeout=10, check=False
    )
    assert run.returncode == 0, run.stderr
    values = dict(entry.split("=", 1) for entry in run.stdout.split("\0") if entry)
    return {name: value for name, value in values.items() if name not in {"PWD", "SHLVL", "_"}}


def environment_of(variable: str, key: str | None = None):
    """Return a check: the shell sees each value of a variable (or of a key in it), character by character."""

    def check(text: str, variables: Variables) -> None:
        expected = variables[variable][key] if key else variables[variable]
        seen = shell_environment(text)
        assert {name: seen.get(name) for name in expected} == {name: str(value) for name, value in expected.items()}

    return check


def shell_script(text: str, variables: Variables) -> None:
    """A start script parses, is strict, and ends by becoming the process it starts."""
    subprocess.run(["bash", "-n"], input=text, text=True, check=True, timeout=10)
    assert text.startswith("#!/bin/bash\n")
    assert "set -euo pipefail" in text
    assert text.rstrip().splitlines()[-1].startswith("exec ")


def python_source(text: str, variables: Variables) -> None:
    compile(text, "rendered", "exec")


def supervisor(text: str, variables: Variables) -> None:
    """supervisord expands %(name)s in every value: a single % stops it from starting."""
    parser = configparser.RawConfigParser(strict=True, inline_comment_prefixes=(";",), delimiters=("=",))
    parser.read_string(text)
    assert parser.sections()
    for section in parser.sections():
        for value in parser[section].values():
            assert not re.search(r"(?<!%)(%%)*%(?!%|\()", value), value


def systemd(text: str, variables: Variables) -> None:
    """systemd ignores a line that it cannot read, and says so only in the journal."""
    section = None
    for line in text.splitlines():
        if not line or line.startswith(("#", ";")):
            continue
        section = line if re.fullmatch(r"\[[A-Z]\w+\]", line) else section
        assert section, line
        assert line == section or re.fullmatch(r"[A-Z][A-Za-z]+=.*\S|[A-Z][A-Za-z]+=", line), line


def tmpfiles(text: str, variables: Variables) -> None:
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    assert all(
        re.fullmatch(r"[a-zA-Z]\S*", f[0]) and f[1].startswith("/") and re.fullmatch(r"0?[0-7]{3,4}", f[2])
        for f in lines
    )
    assert {len(fields) for fields in lines} == {6}


def sysusers(text: str, variables: Variables) -> None:
    """One user, with a home and a shell that lets nobody in."""
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    assert [(fields[0], fields[-1]) for fields in lines] == [("u", "/usr/sbin/nologin")]
    assert lines[0][-2].startswith("/srv/")


def key_value(text: str, variables: Variables) -> None:
    """`key = value`, each key once: the second one of a pair would win, or stop the server."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.$/-]+ = \S.*", line) for line in lines), lines
    keys = [line.split(" = ")[0] for line in lines]
    assert sorted(keys) == sorted(set(keys))


def postgres(text: str, variables: Variables) -> None:
    """Values are quoted, quotes in them doubled and backslashes escaped, so that they come back as they were given."""
    seen = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([a-z_.]+) = '((?:[^'\\]|''|\\\\)*)'", line)
        assert match, line
        seen[match[1]] = match[2].replace("''", "'").replace("\\\\", "\\")
    given = variables.get("postgres_settings", {})
    assert {name: seen[name] for name in given} == {name: str(value) for name, value in given.items()}


def pg_hba(text: str, variables: Variables) -> None:
    """Nothing but scram from the network, and no line that lets somebody in without a password."""
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    assert ["local", "all", "postgres", "peer", "map=root"] in lines
    remote = [fields for fields in lines if fields[0] != "local"]
    assert remote
    assert all(fields[-1] == "scram-sha-256" and len(fields) == 5 for fields in remote)
    if variables.get("postgres_tls"):
        assert all(fields[0] == "hostssl" or fields[3].startswith(("127.", "::1/")) for fields in remote)
    assert not any(word in {"trust", "password", "md5", "ident"} for fields in lines for word in fields)


def redis(text: str, variables: Variables) -> None:
    """Users stand in a file of their own, and a cache may evict."""
    directives = dict(line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    name = f"garden-{variables['redis_instance']['name']}"
    assert directives["include"] == f"/etc/redis/redis-{name}.users"
    assert not re.search("(?m)^user ", text)
    kept = "cache" not in variables["redis_instance"]["uses"]
    assert directives["maxmemory-policy"] == ("noeviction" if kept else "allkeys-lru")
    assert directives["appendonly"] == ("yes" if kept else "no")
    assert directives["bind"] == "127.0.0.1"
    ports = [directives.get(name) for name in ("port", "tls-port")]
    port = str(variables["redis_instance"]["port"])
    assert ports == (["0", port] if variables.get("redis_tls") else [port, None])


def certbot_ini(text: str, variables: Variables) -> None:
    """certbot's file has one option a line, and never both an address and none."""
    options = dict(line.split(" = ") for line in text.splitlines() if line and not line.startswith("#"))
    assert options.get("email", "") == variables.get("certificates_email", "")
    assert ("email" in options) is not ("register-unsafely-without-email" in options)
    assert ("agree-tos" in options) is variables.get("certificates_terms_agreed", False)
    binding = {"kid": options.get("eab-kid"), "hmac_key": options.get("eab-hmac-key")}
    assert {name: value for name, value in binding.items() if value} == variables.get("certificates_eab", {})


def erlang(text: str, variables: Variables) -> None:
    """Terms end with a full stop, and brackets match."""
    assert text.rstrip().endswith(".")
    _balanced(re.sub(r'"[^"]*"', '""', text), "[{(", "]})")


def nginx(text: str, variables: Variables) -> None:
    """Every statement ends, every block closes. Names and references are nginx's own business (molecule)."""
    bare = re.sub(r"(?m)^\s*#.*$", "", text)
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', "q", bare)
    # A regular expression's quantifier is no block.
    bare = re.sub(r"(?m)(location|map|rewrite)\s+~[^\n]*?(?=\s\{)", r"\1 ~", bare)
    _balanced(bare, "{", "}")
    for line in (line.strip() for line in bare.splitlines()):
        assert not line or line[-1] in ";{}" or _continued(line), line
    assert "{{" not in bare
    assert not re.search(r"\b(None|True|False|undefined)\b", bare), bare


def nftables(text: str, variables: Variables) -> None:
    """Everything is dropped but what a rule names, and no text gets out of its quotes. The rest is nft's business."""
    _balanced(text, "{", "}")
    assert "policy drop;" in text
    assert " 22 " in text
    for line in re.findall(r"(?m)^ +(?:ip6? saddr|tcp dport).*$", text):
        assert re.fullmatch(
            r' +(ip6? saddr \{ [\w.:/, ]+ \} )?tcp dport \{ [\d, ]+ \} accept comment "[\w .,:/-]*"', line
        ), line


def logrotate(text: str, variables: Variables) -> None:
    """Check a rule of logrotate: bounded by size, number and age."""
    assert re.search(r"^    maxsize \d+M$", text, re.MULTILINE)
    assert re.search(r"^    rotate \d+$", text, re.MULTILINE)
    assert re.search(r"^    maxage \d+$", text, re.MULTILINE)
    _balanced(text, "{", "}")
    assert text.count("postrotate") == text.count("endscript")


def htpasswd(text: str, variables: Variables) -> None:
    """Each operator signs in with the password that was given, and the file doesn't hold it."""
    hashes = dict(line.split(":", 1) for line in text.splitlines() if line)
    operators = {entry["name"]: entry["password"] for entry in variables.get("nginx_operators", [])}
    assert hashes.keys() == operators.keys()
    for name, password in operators.items():
        assert password not in text
        assert sha512_crypt.verify(password, hashes[name])
        assert not sha512_crypt.verify(password + "x", hashes[name])


def second_htpasswd(text: str, variables: Variables) -> None:
    """The same for the second passwords, which are none but during an exchange."""
    htpasswd(text, {"nginx_operators": variables.get("nginx_second_operators", [])})


def _continued(line: str) -> bool:
    return line.startswith(("log_format", "q"))


def _balanced(text: str, opening: str, closing: str) -> None:
    stack = []
    for character in text:
        if character in opening:
            stack.append(closing[opening.index(character)])
        elif character in closing:
            assert stack, f"{character} closes nothing"
            assert stack.pop() == character
    assert stack == []
