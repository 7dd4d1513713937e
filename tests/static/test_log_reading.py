"""The reader of logs as a host runs it: times, rotation, truncation, what goes on."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time

import pytest
from conftest import ROOT

ON_HOST = ROOT / "plugins/module_utils/operating/on_host"
sys.path.append(str(ON_HOST))

from log_files import Log  # noqa: E402
from log_times import moment  # noqa: E402

NOON = 1769860800.0  # 2026-01-31 12:00:00 UTC


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ('192.0.2.1 - - [2026-01-31T12:00:00+00:00] "GET / HTTP/2.0" 200 5', 0),
        ('192.0.2.1 - - [2026-01-31T13:00:00+01:00] "GET / HTTP/2.0" 200 5', 0),
        ('192.0.2.1 - - [31/Jan/2026:12:00:01 +0000] "GET / HTTP/2.0" 200 5', 1),
        ("2026/01/31 12:00:02 [error] 12#12: *1 connect() failed", 2),
        ("2026-01-31 12:00:03.250 UTC [812] LOG:  checkpoint complete", 3.25),
        ("2026-01-31 12:00:04.500000+00:00 [info] <0.1.0> accepted", 4.5),
        ("812:M 31 Jan 2026 12:00:05.125 * Ready to accept connections", 5.125),
        ("2026-01-31 12:00:06,750 INFO spawned: 'garden-web' with pid 12", 6.75),
        ("[2026-01-31 12:00:07 +0000] [12] [INFO] Booting worker", 7),
        ("[2026-01-31 12:00:08,500: INFO/MainProcess] Task x[1] received", 8.5),
        ('{"time": "2026-01-31T12:00:09.250000+00:00", "message": "done"}', 9.25),
        ('{"at": "2026-01-31 12:00:10 UTC", "verb": "deploy"}', 10),
    ],
)
def test_every_program_of_the_stack_tells_its_time(line, seconds):
    assert moment(line) == NOON + seconds


@pytest.mark.parametrize("line", ["  File x, line 3", "", "2026-13-45 99:99:99 no date", "0000-00-00 00:00:00"])
def test_what_is_no_time_is_none(line):
    assert moment(line) is None


def stamped(*seconds: int) -> str:
    return "".join(f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(NOON + s))} line {s}\n" for s in seconds)


def lines(found) -> list[str]:
    return [line.split(" ", 2)[2] for _, line in found]


def test_older_files_come_first_and_only_from_the_time_on(tmp_path):
    path = tmp_path / "x.log"
    with gzip.open(tmp_path / "x.log.2.gz", "wt") as file:
        file.write(stamped(1, 2))
    (tmp_path / "x.log.1").write_text(stamped(3, 4))
    path.write_text(stamped(5, 6))
    (tmp_path / "x.log.old").write_text(stamped(9))
    # As rotation leaves them: the older the number, the older the file.
    import os

    for index, name in enumerate(["x.log.2.gz", "x.log.1", "x.log"]):
        os.utime(tmp_path / name, (NOON + 2 * index + 2, NOON + 2 * index + 2))
    assert lines(Log("x", str(path)).history(0)) == [f"line {n}" for n in (1, 2, 3, 4, 5, 6)]
    assert lines(Log("x", str(path)).history(NOON + 4)) == ["line 4", "line 5", "line 6"]


def test_a_traceback_stays_with_its_line(tmp_path):
    path = tmp_path / "x.log"
    path.write_text(stamped(1) + "Traceback\n  File\n" + stamped(2))
    found = list(Log("x", str(path)).history(NOON))
    assert [when - NOON for when, _ in found] == [1, 1, 1, 2]
    assert [when - NOON for when, _ in Log("x", str(path), only="line 1").history(NOON)] == [1, 1, 1]


def test_a_program_that_writes_no_time_is_not_left_out(tmp_path):
    path = tmp_path / "x.log"
    path.write_text("hello\nworld\n")
    assert [line for _, line in Log("x", str(path)).history(time.time() - 60)] == ["hello", "world"]


def test_a_large_file_is_read_from_about_the_time_on(tmp_path):
    path = tmp_path / "x.log"
    path.write_text("".join(stamped(n) for n in range(80_000)))
    log = Log("x", str(path))
    began = time.monotonic()
    assert lines(log.history(NOON + 79_998)) == ["line 79998", "line 79999"]
    assert time.monotonic() - began < 1


def test_it_follows_across_rotation_and_truncation(tmp_path):
    path = tmp_path / "x.log"
    path.write_text(stamped(1))
    log = Log("x", str(path))
    assert lines(log.history(0)) == ["line 1"]
    with path.open("a") as file:
        file.write(stamped(2) + "2026-01-31 12:00:03 half")
    assert lines(log.fresh()) == ["line 2"]
    with path.open("a") as file:
        file.write(" a line\n")
    path.rename(tmp_path / "x.log.1")
    path.write_text(stamped(4))
    assert lines(log.fresh()) == ["half a line", "line 4"]
    path.write_text("")
    assert lines(log.fresh()) == []
    path.write_text(stamped(5))
    assert lines(log.fresh()) == ["line 5"]


def reader(tmp_path, **asked):
    """Start the reader as bin/on does, without a connection."""
    from ansible.module_utils.operating.log_stream import COMMAND, Stream

    told = {"programs": "", "since": 0, "needles": [], "follow": False, **asked}
    return Stream("here", [sys.executable, *COMMAND[1:]], told)


def test_a_reader_merges_what_its_host_has(tmp_path):
    (tmp_path / "garden-web-20260131120000-1a2b3c4-5d6e7f.log").write_text(stamped(1, 3))
    (tmp_path / "nginx.log").write_text(stamped(2))
    stream = reader(tmp_path, sources=[{"glob": f"{tmp_path}/*.log", "program": "*"}])
    assert [(program, line[-1]) for _, program, line in stream.history()] == [
        ("garden-web", "1"),
        ("nginx", "2"),
        ("garden-web", "3"),
    ]
    stream.close()


def test_a_reader_ends_when_nobody_listens(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "log_reader"], cwd=ON_HOST, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdin.write(json.dumps({"sources": [], "programs": "", "since": 0, "needles": [], "follow": True}) + "\n")
    process.stdin.close()
    assert process.wait(timeout=5) == 0


def test_processes_that_share_a_log_are_put_in_order(tmp_path):
    (tmp_path / "web.log").write_text(stamped(2) + "  its traceback\n" + stamped(1, 4, 3, 9))
    stream = reader(tmp_path, sources=[{"glob": f"{tmp_path}/*.log", "program": "*"}])
    assert [line.split()[-1] for _, _, line in stream.history()] == ["1", "2", "traceback", "3", "4", "9"]
    stream.close()
