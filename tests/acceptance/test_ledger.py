"""What is accepted is done, once."""

import pytest

QUEUES = ["default", "slow", "mail"]


@pytest.fixture
def summary(client, prefix):
    """Return ``summary()``: the counts of this test's keys."""

    def summary():
        response = client.get("/ledger/summary/", params={"prefix": prefix})
        assert response.status_code == 200
        return response.json()

    return summary


def accept(client, **fields):
    response = client.post("/ledger/", data=fields)
    assert response.status_code == 202, response.text
    return response.json()


def test_twenty_keys_are_done_once_each(client, prefix, summary, until):
    numbers = [accept(client, key=f"{prefix}{n}")["number"] for n in range(20)]
    assert numbers == sorted(set(numbers))
    counts = until(summary, lambda c: c["completed"] == 20, 30)
    assert (counts["accepted"], counts["completed"], counts["lost"], counts["duplicated"]) == (20, 20, 0, 0)


def test_a_repeated_key_changes_nothing(client, prefix, summary, until):
    answers = [accept(client, key=f"{prefix}same") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    counts = until(summary, lambda c: c["completed"] == 1, 30)
    assert (counts["accepted"], counts["duplicated"], counts["skipped"]) == (1, 0, 0)


@pytest.mark.parametrize("queue", QUEUES)
def test_each_queue_is_served(client, prefix, summary, until, queue):
    accept(client, key=f"{prefix}{queue}", queue=queue, seconds="0.1")
    # a long task of another test may hold the only process of a queue for a while
    assert until(summary, lambda c: c["completed"] == 1, 60)["lost"] == 0


@pytest.mark.parametrize("fields", [{}, {"key": "a b"}, {"key": "k", "queue": "none"}, {"key": "k", "seconds": "601"}])
def test_bad_input_is_400_in_json(client, fields):
    response = client.post("/ledger/", data=fields)
    assert response.status_code == 400
    assert response.json()["error"]


def test_a_prefix_that_no_key_can_have_is_400(client):
    assert client.get("/ledger/summary/", params={"prefix": "%"}).status_code == 400
