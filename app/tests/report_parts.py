"""What the tests of the reports share: rows, answers of the code host, runs of tasks."""

import csv
import io
import uuid

from celery.exceptions import Retry
from django.utils import timezone
from upstream_server import as_json

from files import services as files
from files.selectors import local_path
from reports.models import Report

SEARCH = "/search/repositories"
LINK = "https://garden.test/reports/"


def make(language="Python", **fields):
    return Report.objects.create(
        task_id=str(uuid.uuid4()), crawl_task_id=str(uuid.uuid4()), language=language, **fields
    )


def ready(language="Python", rows=3, content=b"name\n", **fields):
    report = make(language, rows=rows, ended_at=timezone.now(), **fields)
    files.save(report.stored_name, content)
    return report


def repository(name, **changes):
    fields = {"name": name, "full_name": f"org/{name}", "html_url": f"https://code.test/{name}", "description": "d"}
    return {**fields, "stars": 3, **changes}


def page(*repositories, **more):
    return as_json({"total_count": 99, "items": list(repositories)}, **more)


def rows(report):
    return list(csv.reader(io.StringIO(local_path(report.stored_name).read_bytes().decode(), newline="")))


def run(task, report, **request):
    """Run the task as a worker would, after ``retries`` repetitions, and call its failure handler."""
    kwargs = {"report_id": report.pk} | ({} if task.name == "reports.crawler_repos" else {"dashboard_url": LINK})
    task.push_request(id="x", called_directly=False, args=(), kwargs=kwargs, delivery_info={}, **request)
    try:
        return task.run(**kwargs)
    except Retry:
        raise
    except Exception as error:
        task.on_failure(error, "x", (), kwargs, None)
        raise
    finally:
        task.pop_request()
