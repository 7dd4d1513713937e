"""Who may do what in a Redis instance, in its file and in the running server."""

from __future__ import annotations

import hashlib
import socketserver
import stat
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.module_utils.redis_admin import RedisAdmin, RedisError, Refused
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from conftest import ROOT, plugin
from template_examples import HOSTILE

module = plugin("modules/redis_users")


def role(name: str, **variables: Any) -> Any:
    """Return what a variable of the role comes to."""
    known: dict[str, Any] = {"redis_cluster": []}
    for path in (ROOT / "roles/redis/vars/main").glob("*.yml"):
        known |= DataLoader().load_from_file(str(path), trusted_as_template=True)
    return Templar(loader=DataLoader(), variables=known | variables).template(known[name])


def hashes(rules: str) -> list[str]:
    return [word[1:] for word in rules.split() if word.startswith("#")]


def test_every_password_is_accepted_as_its_hash_and_nobody_else_gets_in():
    application = {"name": "garden", "password": HOSTILE, "further_passwords": ["second"]}
    users = role("__redis_users", redis_application=application, redis_instance={"name": "c", "uses": ["cache"]})
    assert hashes(users["garden"]) == [hashlib.sha256(text.encode()).hexdigest() for text in (HOSTILE, "second")]
    assert HOSTILE not in str(users)
    assert "second" not in str(users)
    assert users["default"].split()[0] == "off"
    assert "+@all" not in str(users)


def test_clients_that_know_no_names_sign_in_as_the_default_user():
    application = {"name": "garden", "password": "x"}
    users = role("__redis_users", redis_application=application, redis_instance={"name": "q", "uses": ["any"]})
    assert users["default"] == users["garden"]
    rules = users["garden"].split()
    assert rules[rules.index("~*") :][:5] == ["~*", "&*", "+@all", "-@admin", "-@dangerous"]


def test_members_of_a_cluster_know_each_other_by_users_of_their_own():
    """None of them may read or write what the application keeps there."""
    application = {"name": "garden", "password": "x"}
    given = {"redis_cluster": [{"name": "one", "address": "192.0.2.1"}]}
    given |= {"redis_cluster_passwords": {name: f"secret of {name}" for name in ("replica", "sentinel", "monitor")}}
    users = role("__redis_users", redis_application=application, redis_instance={"name": "q", "uses": ["any"]}, **given)
    assert users.keys() == {"default", "garden", "cloche-replica", "cloche-sentinel", "cloche-monitor"}
    for name in ("replica", "sentinel", "monitor"):
        rules = users[f"cloche-{name}"]
        assert hashes(rules) == [hashlib.sha256(f"secret of {name}".encode()).hexdigest()]
        assert "-@all" in rules.split()
        assert not {"~*", "+@all", "+get", "+set"} & set(rules.split())


def test_the_file_is_written_when_it_is_another(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(module.grp, "getgrnam", lambda _: SimpleNamespace(gr_gid=-1))
    path, users = tmp_path / "u.users", {"garden": "on  #ab\n +get"}
    assert module.write(path, users, check_mode=True)
    assert not path.exists()
    assert module.write(path, users, check_mode=False)
    assert path.read_text() == "user garden on #ab +get\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert not module.write(path, users, check_mode=False)
    assert module.write(path, {"garden": "off"}, check_mode=False)


def test_the_key_is_made_once_and_for_root_alone(tmp_path: Path):
    path = tmp_path / "cloche.key"
    module.admin_key(path, check_mode=True)
    assert not path.exists()
    key = module.admin_key(path, check_mode=False)
    assert len(key) == 64
    assert module.admin_key(path, check_mode=False) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


class FakeRedis(socketserver.StreamRequestHandler):
    """As much of Redis as the module speaks to: AUTH, ACL LIST, ACL SETUSER."""

    users: dict[str, str]
    seen: list[list[str]]

    def handle(self) -> None:
        while head := self.rfile.readline():
            words = [self._word() for _ in range(int(head[1:]))]
            self.seen.append(words)
            self.wfile.write(self._answer(words))

    def _word(self) -> str:
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:-2].decode()

    def _answer(self, words: list[str]) -> bytes:
        if words[0] == "AUTH":
            return b"+OK\r\n" if words[2] == "right" else b"-WRONGPASS invalid username-password pair\r\n"
        if words[:2] == ["ACL", "LIST"]:
            lines = [f"user {name} {rules}".encode() for name, rules in self.users.items()]
            return b"*%d\r\n" % len(lines) + b"".join(b"$%d\r\n%s\r\n" % (len(line), line) for line in lines)
        if words[3] != "reset" or "bad" in words:
            return b"-ERR Error in ACL SETUSER modifier\r\n"
        self.users[words[2]] = " ".join(words[4:])
        return b"+OK\r\n"


@pytest.fixture
def redis():
    handler = type("Handler", (FakeRedis,), {"users": {"garden": "on #a"}, "seen": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield SimpleNamespace(port=server.server_address[1], users=handler.users, seen=handler.seen)
        server.shutdown()


def test_a_running_server_gets_them_in_one_command_each(redis):
    admin = RedisAdmin("127.0.0.1", redis.port, "cloche-admin", "right")
    assert admin.set_users({"garden": "on #a #b"})
    assert redis.users == {"garden": "on #a #b"}
    assert not admin.set_users({"garden": "on #a #b"}), "repeated, it changes something"
    assert redis.seen.count(["ACL", "SETUSER", "garden", "reset", "on", "#a", "#b"]) == 2
    with pytest.raises(RedisError, match="modifier"):
        admin.set_users({"garden": "bad"})
    admin.close()


def test_a_user_of_the_file_is_the_same_in_other_words(redis):
    """So Redis 7.0 tells of it, after it was given the rules that it had read there."""
    redis.users["garden"] = "on sanitize-payload #a -@all +set +get"
    admin = RedisAdmin("127.0.0.1", redis.port, "cloche-admin", "right")
    assert not admin.set_users({"garden": "on #a -@all +get +set"})
    assert admin.set_users({"garden": "on #a -@all +get"})
    admin.close()


def test_a_wrong_password_is_told_apart(redis):
    with pytest.raises(Refused):
        RedisAdmin("127.0.0.1", redis.port, "cloche-admin", "wrong")


def test_a_server_of_an_older_kit_is_restarted_and_one_that_is_down_is_not(redis):
    asked = SimpleNamespace(params={"address": "127.0.0.1", "port": redis.port, "authority": None})
    assert module.apply(asked, "right", {"garden": "on #z"}) == (True, False)
    assert module.apply(asked, "wrong", {"garden": "on #z"}) == (True, True)
    asked.params["port"] = 1
    assert module.apply(asked, "right", {}) == (False, False)
