"""compose/local as a developer uses it."""

from __future__ import annotations

import json

import httpx
from stack import docker, until


def url(local, port: str) -> str:
    return f"http://localhost:{local.settings[port]}"


def test_the_acceptance_suite(acceptance, local):
    output = acceptance(f"--base-url={url(local, 'WEB_PORT')}")
    # TLS, its redirect and operators' pages are nginx's, which only production has: docs/architecture.md.
    assert "8 skipped" in output


def test_it_says_where_everything_is(local):
    for port in local.settings.values():
        assert f"http://localhost:{port}/" in local.said


def test_pages_of_the_services_answer(local):
    assert httpx.get(url(local, "FLOWER_PORT"), follow_redirects=True, timeout=20).status_code == 200
    assert "RabbitMQ" in httpx.get(f"{url(local, 'RABBITMQ_PORT')}/rabbitmq/", follow_redirects=True, timeout=20).text
    assert "MailDev" in httpx.get(url(local, "MAIL_PORT"), headers={"Accept": "text/html"}, timeout=20).text


def test_ports_are_published_on_loopback_alone(local):
    bound = [
        b
        for c in local.containers().values()
        for ports in (c["HostConfig"]["PortBindings"] or {}).values()
        for b in ports
    ]
    assert {b["HostIp"] for b in bound} == {"127.0.0.1"}
    assert len(bound) == 4


def test_a_feedback_arrives_in_the_mail_catcher(local):
    program = (
        "from django.core.mail import send_mail; print(send_mail('compose', 'says hello', None, ['a@garden.test']))"
    )
    assert local.execute("web", "python", "manage.py", "shell", "-c", program).strip().endswith("1")
    mails = until(
        lambda: httpx.get(f"{url(local, 'MAIL_PORT')}/api/email", timeout=10).text, lambda text: "hello" in text, 10
    )
    assert "compose" in mails and "a@garden.test" in mails


def test_a_task_from_a_shell(local):
    program = "from canvas.tasks import divide; print(divide.delay(1, 2).get(timeout=20))"
    assert local.execute("web", "python", "manage.py", "shell", "-c", program).strip().endswith("0.5")
    assert "canvas.divide" in (local.tree / "logs/celery.log").read_text()


def test_a_result_in_redis_is_found_by_its_key(local):
    local.set(RESULT_BACKEND="redis://garden:${REDIS_PASSWORD}@redis:6379/0")
    try:
        local.compose("up", "--detach", "--wait", "web", "celery_worker")
        program = "from canvas.tasks import divide; r = divide.delay(1, 2); r.get(timeout=20); print(r.id)"
        task = local.execute("web", "python", "manage.py", "shell", "-c", program).split()[-1]
        asked = f'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli --user garden MGET celery-task-meta-{task}'
        assert json.loads(local.execute("redis", "bash", "-c", asked))["result"] == 0.5
    finally:
        local.set(RESULT_BACKEND="django-db")
        local.compose("up", "--detach", "--wait", "web", "celery_worker")


def test_web_and_workers_start_again_when_the_code_changes(local):
    urls = local.tree / "app/health/views.py"
    whole = urls.read_text()
    urls.write_text(whole.replace('{"status": "ok"}', '{"status": "changed"}', 1))
    try:
        answer = until(lambda: answer_of(local), lambda text: "changed" in text, 30)
        assert "changed" in answer
    finally:
        urls.write_text(whole)
    tasks = local.tree / "app/canvas/tasks.py"
    tasks.write_text(tasks.read_text().replace("return x + y", "return x + y + 1000", 1))
    program = "from canvas.tasks import add; print(add.delay(1, 2).get(timeout=20))"
    run = lambda: local.execute("web", "python", "manage.py", "shell", "-c", program)  # noqa: E731
    assert until(run, lambda text: "1003" in text, 60)


def answer_of(local) -> str:
    try:
        return httpx.get(f"{url(local, 'WEB_PORT')}/livez", timeout=5).text
    except httpx.TransportError:
        return ""


def test_the_tests_run_in_the_web_container(local):
    output = local.execute(
        "web", "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_env.py", seconds=120
    )
    assert "passed" in output


def test_a_shell_of_its_own(local):
    done = local.run("bin/compose", "local", "run", "--rm", "--no-deps", "web", "bash", "-c", "id -u; python --version")
    assert done.stdout.split()[-2:][0] == "Python"


def test_what_is_piped_in_reaches_the_container(local):
    """As a dump of the database does when it is restored."""
    done = local.run("bin/compose", "local", "exec", "--no-TTY", "web", "tr", "a-z", "A-Z", given="rows of a dump")
    assert done.stdout == "ROWS OF A DUMP"


def test_files_belong_to_who_works_here(local):
    owner = (local.tree / "logs/celery.log").stat().st_uid
    assert owner == local.tree.stat().st_uid
    assert "bin/compose local exec" in local.said and docker("ps", "--quiet")
