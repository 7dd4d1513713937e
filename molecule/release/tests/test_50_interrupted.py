"""kill -9 of the playbook: the site goes on, and the next deploy says what it found and succeeds."""

import time

import pytest
import versions
from interrupting import kill_at
from kit import ALL, current, load_plan
from load import verdict
from load.process import Load
from polling import until
from scenario_host import command, play, programs

#: The task at whose begin, or at whose end, the playbook is killed.
CUTS = {
    "locked": ("Unpack the release and make its virtual environment", 0.0),
    "unpacking": ("Unpack the release and make its virtual environment", 0.3),
    "checking": ("Check the new code", 0.3),
    "migrating": ("Bring database and broker to the release", 0.3),
    "workers start": ("Hand the workers over", 0.5),
    "workers change": ("Hand the web processes over", 0.0),
    "web changes": ("Hand the web processes over", 0.25),
    "singles change": ("Hand over what must not run twice", 0.2),
    "verifying": ("Use the release as its users do", 0.3),
    "recording": ("Make the release the current one", 0.05),
}
pytestmark = pytest.mark.skipif(not ALL, reason="runs with `make test-all`")


@pytest.mark.parametrize("cut", list(CUTS))
def test_an_interrupted_deploy_is_taken_up(cut, live, tmp_path):
    versions.new_column() if cut == "migrating" else versions.new_code()
    load = Load(load_plan(), tmp_path / "samples.ndjson")
    load.start()
    try:
        kill_at(command("deploy"), *CUTS[cut], tmp_path / "marks.ndjson")
        time.sleep(3)
        said = play("deploy")
    finally:
        load.stop()
    assert "did not end; its lock is taken over" in said, said
    assert verdict.judge(load.path)["dropped"] == []
    new = current()
    assert new != live
    until(lambda: sorted(name for name, state in programs().items() if state in {"RUNNING", "STARTING"}),
          lambda names: all(new in name for name in names) and len(names) == 5, 20)  # fmt: skip
