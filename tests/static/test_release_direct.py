"""Wheels that come by the URL and hash of a lock alone, and what is left to pip, which knows more ways."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import requests
from ansible.module_utils.release.direct import fetch
from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.progress import Progress
from ansible.module_utils.release.pylock import Artifact, Package

CONTENT = b"a wheel" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NAME = "spade-1.0-py3-none-any.whl"


class Answer:
    """What requests returns; one that breaks off raises in the middle."""

    def __init__(self, content: bytes, status: int = 200, breaks: bool = False) -> None:
        self.content, self.status, self.breaks = content, status, breaks

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is to be closed."""

    def raise_for_status(self) -> None:
        if self.status >= 400:
            raise requests.HTTPError(str(self.status))

    def iter_content(self, _: int):
        yield self.content[:100]
        if self.breaks:
            raise requests.ConnectionError("reset")
        yield self.content[100:]


@pytest.fixture
def asked(monkeypatch):
    """Let the network answer with ``asked[url]``."""
    answers = {}
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr(requests.Session, "get", lambda session, url, **_: answers[url])
    return answers


def package(url: str, *hashes: str) -> Package:
    return Package("spade", "spade==1.0", wheel=Artifact(url, hashes))


def left(directory: Path, wanted: Package) -> list[Package]:
    """Return what is left to pip; whatever has no whole wheel must leave nothing behind."""
    found = fetch([wanted], directory, PackageIndex(), Progress(lambda words: None, "wheels", 1))
    assert sorted(path.name for path in directory.iterdir()) == ([] if found else [NAME])
    return found


def test_a_wheel_comes_from_its_url(tmp_path, asked):
    url = f"https://packages.invalid/{NAME}"
    asked[url] = Answer(CONTENT)
    assert left(tmp_path, package(url, "0" * 64, DIGEST)) == []
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_so_does_one_that_lies_on_a_disk(tmp_path, asked):
    (tmp_path / "a place").mkdir()
    file = tmp_path / "a place" / NAME
    file.write_bytes(CONTENT)
    (tmp_path / "wheels").mkdir()
    assert left(tmp_path / "wheels", package(file.as_uri(), DIGEST)) == []


@pytest.mark.parametrize(
    "answer", [Answer(CONTENT + b"!"), Answer(b"who are you?", 401), Answer(CONTENT, breaks=True)],
    ids=["another content", "a password is wanted", "the connection broke"],
)  # fmt: skip
def test_what_is_not_the_wheel_is_left_to_pip(tmp_path, asked, answer):
    url = f"https://packages.invalid/{NAME}"
    asked[url] = answer
    wanted = package(url, DIGEST)
    assert left(tmp_path, wanted) == [wanted]


@pytest.mark.parametrize("url", [f"http://packages.invalid/{NAME}", f"file:///nowhere/{NAME}"])
def test_what_nobody_vouches_for_is_left_to_pip(tmp_path, asked, url):
    assert len(left(tmp_path, package(url, DIGEST))) == 1
    assert len(left(tmp_path, package(f"https://packages.invalid/{NAME}"))) == 1


@pytest.mark.parametrize("option", ["PROXY", "CLIENT_CERT", "TRUSTED_HOST"])
def test_an_index_that_pip_reaches_in_a_way_of_its_own_is_pip_s(tmp_path, asked, monkeypatch, option):
    monkeypatch.setenv(f"PIP_{option}", "something")
    asked[f"https://packages.invalid/{NAME}"] = Answer(CONTENT)
    assert len(left(tmp_path, package(f"https://packages.invalid/{NAME}", DIGEST))) == 1
