"""Starting tasks and following them to their end."""

import uuid

import pytest


@pytest.fixture
def state(client):
    """Return ``state(task_id)``: what the stack says about a task."""

    def state(task_id):
        response = client.get(f"/tasks/{task_id}/")
        assert response.status_code == 200
        return response.json()

    return state


def start(client, **request):
    response = client.post("/tasks/", **request)
    assert response.status_code == 202, response.text
    return response.json()["task_id"]


@pytest.mark.parametrize(
    "request_body", [{"data": {"type": "0"}}, {"json": {"type": 0}}, {"files": {"type": (None, "0")}}]
)
def test_a_task_of_type_0_succeeds(client, state, until, request_body):
    task_id = start(client, **request_body)
    answer = until(lambda: state(task_id), lambda a: a["task_status"] == "SUCCESS", 15)
    assert answer == {"task_id": task_id, "task_status": "SUCCESS", "task_result": True}


def test_a_task_of_type_1_works_for_ten_seconds(client, state, until):
    task_id = start(client, data={"type": "1"})
    seen = [state(task_id)["task_status"]]
    until(lambda: state(task_id), lambda a: seen.append(a["task_status"]) or a["task_status"] == "SUCCESS", 60)
    assert seen[0] in {"PENDING", "STARTED"}
    assert "STARTED" in seen
    assert set(seen) <= {"PENDING", "STARTED", "SUCCESS"}
    # ten seconds of work, asked about three times a second
    assert seen.count("STARTED") > 10


@pytest.mark.parametrize(
    "request_body",
    [
        {"data": {}},
        {"data": {"type": "4"}},
        {"data": {"type": "one"}},
        {"json": {"type": True}},
        {"json": [1]},
        {"content": "{", "headers": {"Content-Type": "application/json"}},
    ],
)
def test_bad_input_is_400_in_json(client, request_body):
    response = client.post("/tasks/", **request_body)
    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize("task_id", ["1", "not-a-uuid", uuid.uuid4().hex])
def test_an_id_that_is_no_uuid_is_400_in_json(client, task_id):
    response = client.get(f"/tasks/{task_id}/")
    assert response.status_code == 400
    assert response.json()["error"]


def test_an_unknown_task_is_pending(state):
    assert state(str(uuid.uuid4()))["task_status"] == "PENDING"


def test_starting_takes_a_post(client):
    assert client.get("/tasks/").status_code == 405
