"""Between hosts, those of members among them, everything is said by TLS, to a host that the authority knows."""

import pytest
from tls_checks import *  # noqa: F403
from tls_checks import PING
from topology import GROUPS, inside
from wire import CA, answer

HERE, THERE = GROUPS["postgres"][:2]
PAIR = ("/etc/cloche/tls/host.pem", "/etc/cloche/tls/etcd.key")
#: Port of a member to what another says there.
MEMBERS = {
    8008: b"GET /patroni HTTP/1.0\r\n\r\n",
    2380: b"GET /members HTTP/1.0\r\n\r\n",
    26379: PING,
    25672: b"\0\x10N\0",
}


@pytest.mark.parametrize("port", MEMBERS)
def test_a_member_refuses_who_speaks_no_tls(port):
    said = answer(HERE, THERE, port, MEMBERS[port])
    assert said in ("", "ConnectionResetError") or said[0] == "\x15" or "HTTP request to an HTTPS server" in said, said


def test_patroni_and_sentinel_speak_tls():
    assert '"state": "running"' in answer(HERE, THERE, 8008, MEMBERS[8008], ca=CA)
    assert "NOAUTH" in answer(HERE, THERE, 26379, PING, ca=CA)


def test_patroni_is_commanded_by_who_has_a_certificate_alone():
    words = b"POST /restart HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}"
    assert "403" in answer(HERE, THERE, 8008, words, ca=CA).splitlines()[0]
    # With one it is the password that is missing.
    assert "401" in answer(HERE, THERE, 8008, words, ca=CA, pair=PAIR).splitlines()[0]


@pytest.mark.parametrize("port", [2380, 25672])
def test_members_hear_nobody_without_a_certificate(port):
    said = answer(HERE, THERE, port, MEMBERS[port], ca=CA)
    assert "Error" in said or said == "", said


def test_etcd_answers_nobody_without_a_certificate():
    """Whoever may write there decides what Patroni runs."""
    ask = f"etcdctl --endpoints https://127.0.0.1:2379 --cacert {CA}"
    assert inside(HERE, "sh", "-c", f"{ask} member list >/dev/null 2>&1 || echo refused").strip() == "refused"
    told = inside(HERE, "sh", "-c", f"{ask} --cert {PAIR[0]} --key {PAIR[1]} member list")
    assert told.count("https://") == 2 * len(GROUPS["postgres"])


def test_etcd_of_a_member_answers_one_with_a_certificate():
    assert "200" in answer(HERE, THERE, 2380, MEMBERS[2380], ca=CA, pair=PAIR).splitlines()[0]


def test_the_brokers_members_speak_tls_to_each_other():
    told = inside(HERE, "rabbitmqctl", "--quiet", "eval", "[{N, P} || {N, P} <- erlang:system_info(dist_ctrl)].")
    assert told.count("{'rabbit@") == len(GROUPS["rabbitmq"]) - 1
    flags = inside(HERE, "rabbitmqctl", "--quiet", "eval", "init:get_argument(proto_dist).")
    assert "inet_tls" in flags


def asked(host: str, statement: str) -> str:
    return inside(host, "psql", "-XAtU", "postgres", "-c", statement).strip()


def test_followers_follow_by_tls():
    leader = next(host for host in GROUPS["postgres"] if asked(host, "SELECT pg_is_in_recovery()") == "f")
    ask = "SELECT bool_and(ssl) AND count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_replication USING (pid)"
    assert asked(leader, ask) == "t"
