"""A websocket through nginx to gunicorn with uvicorn's workers: what is said comes back; silence, and a release."""

import json
import subprocess

import pytest
from scenario_host import CA, HOST, Site, console
from unlike import deploy

SERVICES = ["supervisor", "nginx"]
#: Runs in the application's own environment, which has a client; connects to nginx by the site's name.
CLIENT = """
import json, socket, ssl, sys, time
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

def opened(path):
    trust = ssl.create_default_context(cadata={ca!r})
    raw = socket.create_connection(("127.0.0.1", 443))
    return connect("wss://echoes.test" + path, sock=raw, ssl=trust, ping_interval=None, close_timeout=2)

def closed_after(path, limit):
    began = time.monotonic()
    with opened(path) as talk:
        talk.recv()
        try:
            talk.recv(timeout=limit)
        except TimeoutError:
            return None
        except ConnectionClosed:
            return time.monotonic() - began
"""
TALK = """
with opened("/") as talk:
    heard = [talk.recv()]
    for words in ("ü", "x" * 100_000):
        talk.send(words)
        heard.append(talk.recv())
print(json.dumps([heard[0], heard[1], len(heard[2])]))
"""
SILENCE = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as pool:
    print(json.dumps(list(pool.map(closed_after, ["/", "/patient"], [18, 18]))))
"""
STAY = """
with opened("/patient") as talk:
    before = talk.recv()
    print("open", flush=True)
    try:
        talk.recv()
    except ConnectionClosed as closed:
        code = closed.rcvd and closed.rcvd.code
with opened("/patient") as talk:
    print(json.dumps([before, code, talk.recv()]))
"""


@pytest.fixture
def client():
    """Return the script that a test adds its part to."""
    return CLIENT.format(ca=CA.read_text())


def answer(script):
    """Run a client and return what it saw."""
    done = console("echoes", script)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_pages_come_from_the_same_workers():
    assert Site("echoes.test").request("GET", "/").text == "1"


def test_what_is_said_comes_back(client):
    assert answer(client + TALK) == ["1", "ü", 100_000]


def test_silence_is_cut_after_the_timeout_and_a_location_is_more_patient(client):
    cut, patient = answer(client + SILENCE)
    assert cut is not None and 8 <= cut <= 12
    assert patient is None


def test_at_a_release_it_is_closed_with_a_word_and_the_next_one_meets_the_new_release(client, tmp_path):
    argv = ["docker", "exec", "-i", HOST, "/srv/echoes/current/run", "python", "-c", client + STAY]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as stays:
        assert stays.stdout.readline() == "open\n", stays.stderr.read()
        done = deploy("echoes", tmp_path, app_environment={"VERSION": "2"})
        assert done.returncode == 0, done.stdout + done.stderr
        # 1012: the service restarts.
        assert json.loads(stays.communicate(timeout=20)[0]) == ["1", 1012, "2"]
