"""An application's own package index: asked with its password, which is seen by nobody else."""

from __future__ import annotations

import base64
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ansible.module_utils.release import wheelhouse
from ansible.module_utils.release import workshop as module_under_test
from ansible.module_utils.release.gathering import Means
from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.requirements import Requirements
from ansible.module_utils.release.targets import Target, WheelhouseError
from ansible.module_utils.release.workshop import Workshop
from release_samples import INSTALLER, sdist, uv_wheel, wheel

TARGET = Target("3.13", "x86_64", "2.41", "3.13.5")


class Guarded(SimpleHTTPRequestHandler):
    """Serves files to whoever knows the password."""

    def __init__(self, *arguments: object, login: str, **places: object) -> None:
        self._login = base64.b64encode(login.encode()).decode()
        super().__init__(*arguments, **places)

    def send_head(self):
        if self.headers.get("Authorization") == f"Basic {self._login}":
            return super().send_head()
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="packages"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def own(tmp_path, secret):
    """Return app_package_index of a server that has a wheel and a source archive."""
    # What is not ASCII pip and uv encode differently, for want of a rule.
    secret = secret.encode("ascii", "ignore").decode()
    root = tmp_path / "served"
    for name, make in {"trowel": wheel, "rake": sdist}.items():
        file = make(root / "simple" / name, name, "1.0")
        (file.parent / "index.html").write_text(f'<a href="{file.name}">{file.name}</a>')
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Guarded, directory=root, login=f"garden:{secret}"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/simple"
    yield {"url": url, "username": "garden", "password": secret, "extra": False}
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def host(tmp_path, monkeypatch):
    """Return the directory that pip on this machine is told of."""
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": tmp_path / "host", "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", str(value))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    uv_wheel(tmp_path / "host")
    return tmp_path / "host"


@pytest.fixture
def commands(monkeypatch):
    """Return the command line of each process that is started."""
    seen: list[str] = []
    popen = subprocess.Popen

    class Seen(popen):
        def __init__(self, command, *arguments, **options):
            seen.append(" ".join(map(str, command)))
            super().__init__(command, *arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", Seen)
    return seen


def prepare(tmp_path: Path, text: str, index: dict, say=lambda words: None) -> Path:
    means = Means(INSTALLER, index=PackageIndex(index), say=say)
    return wheelhouse.prepare(Requirements(tmp_path, text), TARGET, tmp_path / "cache", means)


def test_wheels_and_sources_come_from_it_and_no_command_line_has_its_password(tmp_path, own, commands):
    said: list[str] = []
    house = prepare(tmp_path, "trowel\nrake\n", own, said.append)
    assert [name.partition("-")[0] for name in wheelhouse.wheels_of(house)] == ["rake", "trowel", "uv"]
    texts = [*commands, *said, *(path.read_text() for path in house.glob("*.lock")), str(house)]
    assert len(commands) > 3
    for word in (own["password"], "p%25", "garden:"):
        assert not [text for text in texts if word in text]


@pytest.mark.parametrize("name", ["trowel", "rake"])
def test_a_hash_is_compared_also_where_the_index_tells_none(tmp_path, own, name):
    with pytest.raises(WheelhouseError, match=rf"(?s){name}.*(HASHES|hash)"):
        prepare(tmp_path, f"{name}==1.0 --hash=sha256:{'0' * 64}\n", own)


def test_a_wrong_password_is_not_shown_in_the_error(tmp_path, own):
    wrong = own | {"password": "kT4!pQ9aZx81-wrong"}
    with pytest.raises(WheelhouseError) as error:
        prepare(tmp_path, "trowel\n", wrong)
    assert "trowel" in str(error.value)
    assert "kT4" not in str(error.value)


def test_beside_the_hosts_index_it_is_asked_first(tmp_path, own, host, monkeypatch):
    """A stranger's package of the same name and a higher version must not take its place."""
    monkeypatch.delenv("PIP_NO_INDEX")
    public = tmp_path / "public" / "trowel"
    stranger = wheel(public, "trowel", "9.0")
    (public / "index.html").write_text(f'<a href="{stranger.name}">{stranger.name}</a>')
    monkeypatch.setenv("PIP_INDEX_URL", public.parent.as_uri())
    wheel(host, "spade", "2.0")
    house = prepare(tmp_path, "trowel\nspade\n", own | {"extra": True})
    assert list(wheelhouse.wheels_of(house))[:2] == ["spade-2.0-py3-none-any.whl", "trowel-1.0-py3-none-any.whl"]


def test_alone_it_is_the_only_one(tmp_path, own, host):
    wheel(host, "spade", "2.0")
    with pytest.raises(WheelhouseError, match="spade"):
        prepare(tmp_path, "spade\n", own)


@pytest.mark.parametrize("place", ["file", "variable"])
def test_uv_is_told_what_pip_was_told(tmp_path, monkeypatch, place):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    if place == "file":
        (tmp_path / "pip.conf").write_text(
            "[global]\nindex-url = https://mirror.invalid/simple\nfind-links =\n  /a\n  /b\n"
        )
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    else:
        monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.invalid/simple")
        monkeypatch.setenv("PIP_FIND_LINKS", "/a /b")
    told = PackageIndex().environment()
    assert told["UV_DEFAULT_INDEX"] == told["PIP_INDEX_URL"] == "https://mirror.invalid/simple"
    assert (told["UV_FIND_LINKS"], told["PIP_FIND_LINKS"]) == ("/a,/b", "/a /b")


def test_what_uv_itself_was_told_counts(monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.invalid/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.invalid/simple")
    assert PackageIndex().environment()["UV_DEFAULT_INDEX"] == "https://uv.invalid/simple"


def test_a_build_in_a_container_reads_the_constraints_that_pip_was_told(tmp_path, monkeypatch):
    """pip takes the variable along, and refuses where its file is missing."""
    (tmp_path / "constraints.txt").write_text("spade<2\n")
    for name, value in {"CONFIG_FILE": "/dev/null", "CONSTRAINT": f"{tmp_path}/constraints.txt /nowhere.txt"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    index, called = PackageIndex(), []
    assert index.settings["constraint"]
    monkeypatch.setattr(Workshop, "_image", lambda self: "image")
    monkeypatch.setattr(module_under_test.subprocess, "run", lambda call, **_: called.extend(call))
    Workshop(tmp_path, TARGET, [], index).run("true", writable=tmp_path, readable=[])
    assert f"{tmp_path}/constraints.txt:{tmp_path}/constraints.txt:ro" in called
    assert not any(word.startswith("/nowhere.txt") for word in called)
