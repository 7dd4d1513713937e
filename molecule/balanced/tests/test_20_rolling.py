"""A release through the balancers, and a web host out of service and back, drop nothing."""

from behind import BALANCERS, WEB, done, failed, nothing_lost, play, under_load, until_whole, web_hosts
from polling import until
from topology import inside


def live(host: str) -> str:
    return inside(host, "readlink", "/srv/garden/current").strip().rpartition("/")[2]


def test_a_release_rolls_over_the_web_hosts_and_drops_nothing(tmp_path):
    until_whole()
    before = live(WEB[0])
    run, samples = under_load(tmp_path / "samples.ndjson", lambda: play("deploy", "rolling_version=2"))
    done(run)
    assert failed(samples) == []
    nothing_lost(tmp_path / "samples.ndjson")
    assert {live(host) for host in WEB} == {live("mb-data")} != {before}


def test_a_drained_web_host_is_left_before_its_work_ends(tmp_path):
    until_whole()

    def out_and_in() -> None:
        done(play("drain", f"drain_host={WEB[0]}", "drain_state=out"))
        assert [web_hosts(host)[WEB[0]].split()[0] for host in BALANCERS] == ["NOLB", "NOLB"]
        done(play("drain", f"drain_host={WEB[0]}", "drain_state=in"))
        for host in BALANCERS:
            until(lambda: web_hosts(host)[WEB[0]], lambda state: state == "UP", 20)  # noqa: B023

    _, samples = under_load(tmp_path / "samples.ndjson", out_and_in)
    assert failed(samples) == []
    nothing_lost(tmp_path / "samples.ndjson")
