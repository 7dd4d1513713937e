"""Lines that a person and a machine can read, with the request that everything began with."""

import json
import logging
import subprocess
import sys
from logging.config import dictConfig

import pytest
from celery import chain, current_app
from celery.exceptions import Retry
from celery.signals import before_task_publish, task_prerun
from production import APP, PRODUCTION, run_python

from core.log_file import SharedRotatingFileHandler
from core.logs import ContextFilter, OneLineFormatter, logging_config, request_id


@pytest.fixture
def in_request():
    """As if a request were being answered."""
    token = request_id.set("r-1")
    yield
    request_id.reset(token)


def formatted(log_format: str, record: logging.LogRecord) -> str:
    """Return the record as the configuration writes it."""
    config = logging_config("INFO", log_format)
    configurator = logging.config.DictConfigurator(config)
    ContextFilter().filter(record)
    return configurator.configure_formatter(config["formatters"][log_format]).format(record)


def record(message: str = "done", **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("garden", logging.ERROR, "", 0, message, None, None)
    record.__dict__.update(extra)
    return record


def test_a_record_is_one_line_with_its_context(in_request):
    hostile = record("evil\r\n2026 INFO forged")
    ContextFilter().filter(hostile)
    line = OneLineFormatter("%(levelname)s%(context)s %(message)s").format(hostile)
    assert line == "ERROR request=r-1 evil\\r\\n2026 INFO forged"


def test_in_json_a_record_is_one_object_with_its_ids(in_request):
    line = formatted("json", record("evil\r\n\u2028{}", status_code=503, data={"args": "secret"}, request="secret"))
    assert line.isascii() and len(line.splitlines()) == 1
    answer = json.loads(line)
    assert answer.pop("time").endswith("+00:00")
    assert answer.pop("process") > 0
    assert answer == {
        "level": "ERROR",
        "logger": "garden",
        "message": "evil\r\n\u2028{}",
        "request_id": "r-1",
        "status_code": 503,
    }


def test_in_json_an_exception_is_a_field():
    try:
        raise ValueError("broken")
    except ValueError:
        failure = record(exc_info=sys.exc_info())
    answer = json.loads(formatted("json", failure))
    assert answer["exception"].endswith("ValueError: broken")
    assert "request_id" not in answer


def test_production_writes_json_and_a_checkout_lines():
    say = "import django; django.setup(); import logging; logging.getLogger('garden').warning('hello')"
    written = run_python("-c", say, **PRODUCTION).stderr
    assert json.loads(written)["message"] == "hello"
    assert " WARNING " in run_python("-c", say, LOG_FORMAT="line", **PRODUCTION).stderr
    local = {"DJANGO_SETTINGS_MODULE": "config.settings.local", "SECRET_KEY": "x"}
    assert run_python("-c", say, **local).stderr.endswith(" garden hello\n")
    assert json.loads(run_python("-c", say, LOG_FORMAT="json", **local).stderr)["logger"] == "garden"


def test_the_servers_own_lines_take_the_same_form():
    config = logging_config("INFO", "json")
    assert config["loggers"]["gunicorn.error"] == {"handlers": [], "propagate": True}


@pytest.fixture
def runs():
    """The ids under which tasks began to run, by task id."""
    seen = {}

    def note(task_id, **_):
        seen[task_id] = request_id.get()

    task_prerun.connect(note)
    yield seen
    task_prerun.disconnect(note)


def test_a_task_is_logged_under_the_request_that_started_it(client, caplog, runs, worker, until):
    caplog.handler.addFilter(ContextFilter())
    with caplog.at_level(logging.INFO):
        task_id = client.post("/tasks/", {"type": "0"}, headers={"X-Request-ID": "from-nginx"}).json()["task_id"]
        (end,) = until(lambda: [r for r in caplog.records if "succeeded" in r.message and task_id in r.message])
    assert runs == {task_id: "from-nginx"}
    assert (end.request_id, end.task_id) == ("from-nginx", task_id)
    assert end.context == f" request=from-nginx task={task_id}"


def test_the_id_goes_on_to_the_tasks_that_a_task_starts(in_request, runs, worker, until):
    accumulate = current_app.tasks["celery.accumulate"]
    chain(accumulate.si(1), accumulate.si(2), accumulate.si(3)).apply_async()
    request_id.set("")
    until(lambda: len(runs) == 3)
    assert set(runs.values()) == {"r-1"}
    later = accumulate.delay()
    until(lambda: later.id in runs)
    assert runs[later.id] == ""


def test_a_retry_keeps_the_id(in_request, monkeypatch):
    accumulate, sent = current_app.tasks["celery.accumulate"], []
    before_task_publish.connect(note := lambda headers, **_: sent.append(headers["request_id"]), weak=False)
    monkeypatch.setattr("kombu.Producer.publish", lambda *_, **__: None)
    accumulate.push_request(id="x", called_directly=False, retries=0, args=(), kwargs={}, delivery_info={})
    try:
        with pytest.raises(Retry):
            accumulate.retry(countdown=1)
    finally:
        accumulate.pop_request()
        before_task_publish.disconnect(note)
    assert sent == ["r-1"]


def test_a_task_that_runs_within_the_request_leaves_its_id_alone(in_request):
    current_app.tasks["celery.accumulate"].apply(args=(1,))
    assert request_id.get() == "r-1"


def test_the_file_gets_what_stderr_gets(tmp_path):
    path = tmp_path / "worker.log"
    say = "import django; django.setup(); import logging; logging.getLogger('garden').warning('hello')"
    written = run_python("-c", say, LOG_FILE=str(path), **PRODUCTION).stderr
    assert path.read_text() == written
    assert run_python("-c", "import django; django.setup()", LOG_FILE=f"{path}.2", **PRODUCTION).returncode == 0
    assert not (tmp_path / "worker.log.2").exists()


WRITER = """
import logging, sys
from core.log_file import SharedRotatingFileHandler
handler = SharedRotatingFileHandler(sys.argv[1], max_bytes=20_000, backups=50)
for n in range(1000):
    handler.handle(logging.LogRecord("x", 20, "", 0, f"{sys.argv[2]} {n} " + "." * 80, None, None))
"""


def test_processes_that_share_a_file_rotate_it_without_losing_a_line(tmp_path):
    path = tmp_path / "worker.log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, name], cwd=APP) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    files = list(tmp_path.iterdir())
    lines = [line.split()[:2] for file in files for line in file.read_text().splitlines()]
    assert sorted(map(tuple, lines)) == sorted((name, str(n)) for name in "abc" for n in range(1000))
    assert len(files) > 10
    assert all(file.stat().st_size < 21_000 for file in files)


def test_the_oldest_file_goes(tmp_path):
    handler = SharedRotatingFileHandler(str(tmp_path / "x.log"), max_bytes=1, backups=2)
    for n in range(5):
        handler.handle(record(str(n)))
    handler.close()
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "x.log": "4\n",
        "x.log.1": "3\n",
        "x.log.2": "2\n",
    }


def test_a_rotation_that_fails_costs_no_line(tmp_path, monkeypatch, capsys):
    def refuse(*_):
        raise PermissionError("read-only folder")

    handler = SharedRotatingFileHandler(str(tmp_path / "x.log"), max_bytes=1)
    handler.handle(record("0"))
    monkeypatch.setattr("os.replace", refuse)
    handler.handle(record("1"))
    handler.close()
    assert (tmp_path / "x.log").read_text() == "0\n1\n"
    assert "read-only folder" in capsys.readouterr().err


def test_the_whole_configuration_is_valid(tmp_path):
    dictConfig_arguments = logging_config("debug", "json", str(tmp_path / "x.log"))
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    try:
        dictConfig(dictConfig_arguments)
        names = {type(handler).__name__ for handler in root.handlers}
        assert names == {"StreamHandler", "SharedRotatingFileHandler", "ErrorMailHandler"}
    finally:
        root.handlers[:], root.level = kept
