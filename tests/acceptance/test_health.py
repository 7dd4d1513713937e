"""Alive, and ready."""

import pytest


def test_livez(client):
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_has_all_four_checks_ok(client):
    response = client.get("/readyz")
    answer = response.json()
    assert response.status_code == 200, answer
    assert answer["status"] == "ok"
    assert set(answer["checks"]) == {"database", "cache", "broker", "migrations"}
    for name, check in answer["checks"].items():
        assert check["ok"] is True, name
        assert 0 <= check["ms"] < 2000, name


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_never_cached_and_sets_no_cookie(client, path):
    response = client.get(path)
    assert "no-store" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers
