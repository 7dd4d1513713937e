"""The broker comes back by itself, under its own name, wherever the machine is."""

import time

STATUS = "rabbitmqctl -q --timeout 10 await_startup"


def test_runs_unprivileged_and_starts_at_boot(host):
    assert host.service("rabbitmq-server").is_enabled
    assert host.file("/var/lib/rabbitmq/.erlang.cookie").mode == 0o400
    pid = host.check_output("pidof -s beam.smp")
    status = host.file(f"/proc/{pid}/status").content_string
    assert host.check_output("stat -c %%U /proc/%s", pid) == "rabbitmq"
    assert "NoNewPrivs:\t1" in status
    assert "CapBnd:\t0000000000000000" in status


def test_node_needs_neither_name_service_nor_host_name(host):
    """A changed address, a broken DNS or a renamed machine must not part the node from its data."""
    blind = "mount --bind /dev/null /etc/hosts; mount --bind /dev/null /etc/resolv.conf; hostname elsewhere"
    result = host.run("unshare --mount --uts sh -c %s", f"{blind}; {STATUS} && rabbitmqctl -q list_vhosts")
    assert result.rc == 0, result.stdout + result.stderr
    assert "garden" in result.stdout


def test_confirmed_message_outlives_a_killed_broker(host, garden):
    assert garden.publish("slow", "bulb", exchange="garden") == ""
    before = host.check_output("pidof -s beam.smp")
    host.run("kill -9 %s", before)
    deadline = time.monotonic() + 60
    while host.run(STATUS).rc and time.monotonic() < deadline:
        time.sleep(1)
    assert host.check_output("pidof -s beam.smp") != before
    assert [message["body"] for message in garden.drain("slow")] == ["bulb"]


def test_limits_are_absolute(host):
    environment = host.check_output("rabbitmqctl -q environment")
    assert '{vm_memory_high_watermark,{absolute,"512MiB"}}' in environment
    assert '{disk_free_limit,"1000MiB"}' in environment
    assert "{consumer_timeout,7200000}" in environment
