"""Of two hosts with beat one ticks, whatever happens to it: a gap of at most 30 s, at most one tick twice."""

import time
from itertools import pairwise

import pytest
import testinfra
from polling import until

PERIOD, GAP = 0.5, 30
SERVICES = ["beat"]
DATABASE, *BEATS = (testinfra.get_host(f"docker://cloche-lease-{name}") for name in ("database", "one", "two"))
PROPERTIES = ("EnvironmentFile=/etc/leased.env", "Restart=always", "RestartSec=1", "KillMode=mixed")
UNIT = " ".join(f"--property={entry}" for entry in PROPERTIES)


def ticks(host):
    """Return {tick: number of the lease} of a host."""
    lines = host.run("cat /var/log/ticks").stdout.splitlines()
    return {int(tick): int(number) for tick, number in (line.split() for line in lines)}


def last(host):
    return max(ticks(host), default=0) * PERIOD


def active():
    """Return the hosts, that which ticked last first."""
    return sorted(BEATS, key=last, reverse=True)


def processes(host):
    return host.check_output("pgrep -f '/usr/local/bin/(leased|ticking)'").split()


@pytest.fixture(autouse=True)
def running():
    """Have both run, and ticking begun, before a fault; end both after it."""
    for host in BEATS:
        host.run("systemctl reset-failed beat; rm -f /var/log/ticks")
        host.check_output(f"systemd-run --unit=beat {UNIT} /usr/local/bin/leased garden-beat /usr/local/bin/ticking")
    until(lambda: len(ticks(BEATS[0])) + len(ticks(BEATS[1])), lambda found: found > 6, GAP)
    yield
    for host in BEATS:
        host.check_output(
            "pkill -CONT -f /usr/local/bin/ ; systemctl stop beat; nft delete table inet cut 2>/dev/null || true"
        )


def judge(doubled_at_most=1):
    """Compare all that was ticked, once the second has been at it for a while."""
    one, two = (ticks(host) for host in BEATS)
    numbers = sorted(one.keys() | two.keys())
    gap = max(later - earlier for earlier, later in pairwise(numbers)) * PERIOD
    doubled = one.keys() & two.keys()
    print(f"gap {gap} s, {len(doubled)} twice of {len(numbers)}")
    assert gap <= GAP
    assert len(doubled) <= doubled_at_most
    return one, two


def taken_over(before, after, seconds=GAP):
    until(lambda: last(after), lambda found: found > time.time() - 2, seconds)
    time.sleep(5)
    one, two = judge()
    number = {id(BEATS[0]): one, id(BEATS[1]): two}
    assert max(number[id(after)].values()) > max(number[id(before)].values()), "the lease's number did not grow"


def test_one_of_them_ticks():
    time.sleep(10)
    judge(doubled_at_most=0)
    assert sorted(len(processes(host)) for host in BEATS) == [1, 2]


def test_its_host_lost_the_other_takes_over():
    before, after = active()
    before.check_output("systemctl kill --signal=KILL --kill-whom=all beat; systemctl stop beat")
    taken_over(before, after)


def test_killed_alone_its_launcher_takes_beat_along():
    before, _ = active()
    before.check_output("pkill -KILL -f '[p]ython3.*/usr/local/bin/leased'")
    assert before.run("pgrep -f '[p]ython3 /usr/local/bin/ticking'").rc != 0
    until(lambda: max(last(host) for host in BEATS), lambda found: found > time.time() - 1, GAP)
    judge()


def test_stopped_for_90_seconds_and_woken_it_is_not_a_second():
    before, after = active()
    before.check_output(f"kill -STOP {' '.join(processes(before))}")
    until(lambda: last(after), lambda found: found > time.time() - 2, GAP)
    time.sleep(90)
    before.check_output(f"kill -CONT {' '.join(processes(before))}")
    time.sleep(10)
    judge()
    assert last(after) > time.time() - 2


def test_cut_off_from_the_database_it_ends_before_the_other_begins():
    before, after = active()
    address = DATABASE.check_output("hostname -I").split()[0]
    before.check_output(
        "nft add table inet cut; nft add chain inet cut out '{ type filter hook output priority 0; }';"
        f" nft add rule inet cut out ip daddr {address} drop"
    )
    taken_over(before, after)
    assert len(processes(before)) == 1


def test_ended_in_order_it_hands_over_at_once():
    before, after = active()
    before.check_output("systemctl stop beat")
    taken_over(before, after, seconds=8)


def test_the_database_away_nobody_ticks_and_after_it_one_does():
    DATABASE.check_output("systemctl stop postgresql@17-main")
    time.sleep(12)
    quiet = max(last(host) for host in BEATS)
    time.sleep(4)
    assert max(last(host) for host in BEATS) == quiet
    DATABASE.check_output("systemctl start postgresql@17-main")
    until(lambda: max(last(host) for host in BEATS), lambda found: found > time.time() - 1, GAP)
    time.sleep(3)
    judge()
