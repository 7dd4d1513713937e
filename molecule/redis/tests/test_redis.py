"""Redis serves each application through its own instances, lets it do what it needs, and nobody else anything."""

import time

import pytest

CACHE, STATE, BROKER, FREE = 6380, 6381, 6390, 6391
RESULT = "celery-task-meta-1"


@pytest.mark.parametrize("port", [CACHE, STATE, BROKER, FREE])
def test_without_a_password_nothing_answers(host, port):
    assert "NOAUTH" in host.run("redis-cli -p %s PING", str(port)).stdout


@pytest.mark.parametrize("user", ["garden", "default"])
def test_wrong_password_is_refused(host, user):
    answer = host.run("REDISCLI_AUTH=wrong redis-cli -p %s --user %s PING", str(STATE), user)
    assert "WRONGPASS" in answer.stdout + answer.stderr
    assert "PONG" not in answer.stdout


@pytest.mark.parametrize(("port", "user"), [(CACHE, "garden"), (STATE, "garden"), (BROKER, "orchard")])
def test_application_enters_with_its_password(redis, port, user):
    """Hostile characters included."""
    assert redis(port, "PING", user=user) == "PONG"


def test_other_applications_instances_are_closed(redis):
    assert "NOAUTH" in redis(BROKER, "PING")
    assert "NOAUTH" in redis(STATE, "PING", user="orchard")


@pytest.mark.parametrize("port", [CACHE, STATE, BROKER])
@pytest.mark.parametrize(
    "command",
    [
        ("FLUSHALL",),
        ("CONFIG", "GET", "*"),
        ("KEYS", "*"),
        ("ACL", "LIST"),
        ("SHUTDOWN",),
        ("REPLICAOF", "127.0.0.1", "6379"),
        ("MONITOR",),
        ("MODULE", "LIST"),
        ("CLIENT", "LIST"),
        ("CLIENT", "PAUSE", "1000"),
        ("SAVE",),
    ],
)
def test_dangerous_commands_are_refused(redis, port, command):
    assert "NOPERM" in redis(port, *command, user="orchard" if port == BROKER else "garden")


@pytest.mark.parametrize("user", ["orchard", "default"])
def test_what_is_an_application_s_alone_may_be_used_for_anything_but_administration(redis, passwords, user):
    """Also by clients that know a password and no names."""

    def send(*command):
        return redis(FREE, *command, user=user, password=passwords["orchard"])

    assert send("ZADD", "feed", "1", "rose") == "1"
    assert send("KEYS", "fe*") == "feed"
    assert send("DEL", "feed") == "1"
    for command in (["CONFIG", "GET", "*"], ["ACL", "LIST"], ["SHUTDOWN"], ["FLUSHALL"]):
        assert "NOPERM" in send(*command)


def test_it_still_evicts_where_it_is_a_cache(host):
    answer = host.run("grep -h ^maxmemory-policy /etc/redis/redis-orchard-free.conf").stdout
    assert answer.strip() == "maxmemory-policy allkeys-lru"


def test_uses_decide_which_keys_and_commands_are_allowed(redis):
    assert redis(CACHE, "SET", ":1:rose", "red") == "OK"
    assert redis(STATE, "SET", RESULT, "done") == "OK"
    assert "NOPERM" in redis(STATE, "SET", ":1:rose", "red")
    assert "NOPERM" in redis(CACHE, "GET", RESULT)
    assert "NOPERM" in redis(STATE, "GET", "another-key")
    assert "NOPERM" in redis(CACHE, "SCRIPT", "LOAD", "return 1")


def test_script_may_do_no_more_than_its_caller(redis):
    for script in ("return redis.call('flushall')", "return redis.call('get', 'another-key')"):
        digest = redis(STATE, "SCRIPT", "LOAD", script)
        answer = redis(STATE, "EVALSHA", digest, "0")
        assert "ACL failure in script" in answer or "The user executing the script can't" in answer  # 7.2 and 7.0


def test_only_a_mere_cache_can_be_emptied(redis):
    """Django's cache.clear() is a FLUSHDB."""
    assert redis(CACHE, "SET", ":1:rose", "red") == "OK"
    assert redis(CACHE, "FLUSHDB") == "OK"
    assert redis(CACHE, "EXISTS", ":1:rose") == "0"
    assert "NOPERM" in redis(STATE, "FLUSHDB")
    assert "NOPERM" in redis(BROKER, "FLUSHDB", user="orchard")


def test_full_cache_makes_room(redis, fill):
    """80 values of 1 MiB through a limit of 16 MiB: every write succeeds, early ones are gone."""
    assert fill(CACHE, ":1:big", 80).count("OK") == 80
    assert redis(CACHE, "EXISTS", ":1:big1") == "0"
    assert redis(CACHE, "EXISTS", ":1:big80") == "1"


def test_full_state_refuses_and_keeps(redis, fill):
    """No lock and no result may vanish to make room."""
    assert redis(STATE, "SET", RESULT, "kept") == "OK"
    answers = fill(STATE, "celery-task-meta-big", 40)
    written = answers.count("OK")
    assert 20 < written < 32
    assert answers.count("OOM") == 40 - written
    assert redis(STATE, "GET", RESULT) == "kept"
    assert redis(STATE, "DEL", *[f"celery-task-meta-big{i}" for i in range(1, 41)]) == str(written)


def test_state_survives_a_kill_and_a_restart(host, redis):
    assert redis(STATE, "SET", RESULT, "survivor") == "OK"
    time.sleep(1.1)  # appendfsync everysec
    unit = "redis-server@garden-state.service"
    pid = host.check_output("systemctl show -P MainPID %s", unit)
    host.check_output("kill -9 %s", pid)
    deadline = time.monotonic() + 15
    while redis(STATE, "PING") != "PONG" and time.monotonic() < deadline:
        time.sleep(0.3)
    assert host.check_output("systemctl show -P MainPID %s", unit) != pid
    assert redis(STATE, "GET", RESULT) == "survivor"
    host.check_output("systemctl restart %s", unit)
    assert redis(STATE, "GET", RESULT) == "survivor"
    assert host.file("/var/lib/redis/garden-state/appendonlydir").is_directory


def test_cache_leaves_nothing_on_disk(host, redis):
    redis(CACHE, "SET", ":1:rose", "red")
    host.check_output("systemctl restart redis-server@garden-cache.service")
    assert redis(CACHE, "EXISTS", ":1:rose") == "0"
    assert host.check_output("ls -A /var/lib/redis/garden-cache") == ""


def test_default_instance_never_runs(host):
    service = host.service("redis-server")
    assert not service.is_running
    assert service.is_masked
    assert host.run("systemctl start redis-server").rc != 0


def test_only_instances_listen_and_only_on_loopback(host):
    listening = {s for s in host.socket.get_listening_sockets() if ":63" in s or "redis" in s}
    assert listening == {f"tcp://127.0.0.1:{port}" for port in (CACHE, STATE, BROKER, FREE)}


def test_removed_application_left_nothing(host):
    assert host.run("ls /etc/redis /var/lib/redis | grep weed-state").rc == 1
    assert host.run("systemctl is-enabled redis-server@weed-state").rc != 0
    assert not host.socket("tcp://127.0.0.1:6399").is_listening


def test_the_kits_own_user_changes_users_and_reads_nothing(host):
    key = host.file("/etc/redis/cloche.key")
    assert (key.user, key.mode) == ("root", 0o600)
    script = f"REDISCLI_AUTH=$(cat /etc/redis/cloche.key) redis-cli -p {CACHE} --user cloche-admin --no-auth-warning"
    assert "user garden on" in host.run(f"{script} ACL LIST").stdout
    assert "NOPERM" in host.run(f"{script} PING").stdout
    assert (
        "user garden" not in host.run(f"REDISCLI_AUTH=wrong redis-cli -p {CACHE} --user cloche-admin ACL LIST").stdout
    )


@pytest.mark.parametrize("name", ["garden-cache", "garden-state", "orchard-broker"])
def test_instance_is_private(host, passwords, name):
    config, users = host.file(f"/etc/redis/redis-{name}.conf"), host.file(f"/etc/redis/redis-{name}.users")
    for file in (config, users):
        assert (file.user, file.group, file.mode) == ("root", "redis", 0o640)
    data = host.file(f"/var/lib/redis/{name}")
    assert (data.user, data.mode) == ("redis", 0o750)
    for password in passwords.values():
        assert password[-24:] not in config.content_string + users.content_string
    assert host.service(f"redis-server@{name}").is_enabled
    pid = host.check_output("systemctl show -P MainPID redis-server@%s", name)
    assert host.check_output("stat -c %%U /proc/%s", pid) == "redis"
    assert "NoNewPrivs:\t1" in host.file(f"/proc/{pid}/status").content_string
