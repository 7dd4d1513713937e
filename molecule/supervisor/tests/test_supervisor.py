"""supervisord outlives its own death, with exactly one of each program, and obeys root alone."""

import time
from collections.abc import Callable, Iterator

import pytest
from testinfra.host import Host

SERVICES = ["supervisor"]

CONF_D = "/etc/supervisor/conf.d"
# Numbers that no other sleep on the host uses; a program of root and one of an unprivileged user.
SLEEPERS = {"dream": ("root", "86311"), "doze": ("www-data", "86312")}


def write(host: Host, path: str, text: str) -> None:
    host.check_output("printf %%s %s > %s", text, path)


def pids(host: Host, seconds: str) -> list[str]:
    """Return the processes that sleep for that long; two of them are two sets of programs."""
    return host.run("pgrep -fx %s", f"(/usr/bin/)?sleep {seconds}").stdout.split()


def wait_for(host: Host, condition: Callable[[], bool], seconds: float) -> None:
    """Wait until a condition holds, at most so many seconds, else show supervisor's journal."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, host.check_output("journalctl --no-pager -n 30 -u supervisor")
        time.sleep(0.3)


def all_run_once(host: Host) -> bool:
    return all(len(pids(host, seconds)) == 1 for _, seconds in SLEEPERS.values())


@pytest.fixture
def programs(host: Host) -> Iterator[None]:
    """Two programs under supervision, gone afterwards."""
    for name, (user, seconds) in SLEEPERS.items():
        program = f"[program:{name}]\ncommand=/usr/bin/sleep {seconds}\nuser={user}\nstartsecs=0\n"
        write(host, f"{CONF_D}/{name}.conf", program)
    host.check_output("systemctl start supervisor && supervisorctl update")
    wait_for(host, lambda: all_run_once(host), 15)
    yield
    host.check_output(f"rm {CONF_D}/dream.conf {CONF_D}/doze.conf")
    host.check_output("systemctl start supervisor && supervisorctl update")


def test_runs_and_starts_at_boot(host):
    assert host.service("supervisor").is_running
    assert host.service("supervisor").is_enabled


def test_no_program_of_its_own(host):
    assert host.check_output("supervisorctl avail") == ""


def test_killed_supervisord_leaves_exactly_one_of_each(host, programs):
    """KillMode=process, Debian's choice, would leave the old set beside the new one."""
    before = {name: pids(host, seconds) for name, (_, seconds) in SLEEPERS.items()}
    host.check_output("kill -9 %s", host.check_output("cat /run/supervisord.pid"))
    wait_for(host, lambda: host.run("supervisorctl pid").rc == 0 and all_run_once(host), 15)
    after = {name: pids(host, seconds) for name, (_, seconds) in SLEEPERS.items()}
    assert all(before[name] != after[name] for name in SLEEPERS)
    time.sleep(3)
    assert all_run_once(host)


def test_dies_often_and_still_comes_back(host, programs):
    """systemd gives a unit up after five starts in ten seconds unless told otherwise."""
    for _ in range(6):
        host.run("kill -9 $(systemctl show supervisor --property MainPID --value)")
        wait_for(host, lambda: host.run("supervisorctl pid").rc == 0, 15)
    wait_for(host, lambda: all_run_once(host), 15)


def test_started_means_that_it_answers(host):
    """Whoever starts it may talk to it in the next line."""
    for _ in range(3):
        host.check_output("systemctl restart supervisor && supervisorctl pid")


def test_stop_leaves_nothing_behind(host, programs):
    host.check_output("systemctl stop supervisor")
    assert {name: pids(host, seconds) for name, (_, seconds) in SLEEPERS.items()} == {"dream": [], "doze": []}
    assert host.run("pgrep -x supervisord").stdout == ""
    time.sleep(4)
    assert not host.service("supervisor").is_running


def test_stop_waits_for_a_program_that_drains(host):
    """A worker that ends its task after TERM is not killed on the way."""
    drains = "trap 'sleep 3; echo drained > /run/drained; exit 0' TERM; while :; do sleep 0.2; done"
    program = f'[program:drain]\ncommand=/bin/sh -c "{drains}"\nstopwaitsecs=20\nstartsecs=0\n'
    write(host, f"{CONF_D}/drain.conf", program)
    try:
        host.check_output("rm -f /run/drained && supervisorctl update && sleep 1 && systemctl stop supervisor")
        assert host.file("/run/drained").content_string == "drained\n"
    finally:
        host.check_output(f"rm -f {CONF_D}/drain.conf /run/drained && systemctl start supervisor")


def test_socket_is_root_s_alone(host):
    socket = host.file("/run/supervisor.sock")
    assert (socket.user, socket.group, socket.mode) == ("root", "root", 0o700)
    assert "Permission denied" in host.run("runuser -u nobody -- supervisorctl avail").stdout
    assert host.run("supervisorctl avail").rc == 0


def test_nothing_listens_on_the_network(host):
    pid = host.check_output("cat /run/supervisord.pid")
    assert f"pid={pid}," not in host.check_output("ss -Hltunp")


def test_programs_get_utf_8_and_the_file_limit(host):
    """A program sees what supervisord itself runs with."""
    pid = host.check_output("cat /run/supervisord.pid")
    assert "LANG=C.UTF-8" in host.file(f"/proc/{pid}/environ").content_string.split("\0")
    soft = host.check_output(f"awk '/Max open files/ {{print $4}}' /proc/{pid}/limits")
    assert int(soft) >= 2048


def test_systemd_is_patient(host):
    shown = host.check_output("systemctl show supervisor -p KillMode -p Restart -p RestartUSec -p TimeoutStopUSec")
    assert set(shown.split()) == {"KillMode=mixed", "Restart=always", "RestartUSec=2s", "TimeoutStopUSec=45s"}


def test_own_log_is_rotated_by_size(host):
    assert "logfile_maxbytes=3MB" in host.file("/etc/supervisor/supervisord.conf").content_string
    assert host.file("/var/log/supervisor/supervisord.log").size > 0
