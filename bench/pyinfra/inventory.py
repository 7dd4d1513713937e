"""The converged host of bench/provision, which says how to reach it."""

import os

_CONNECTIONS = {
    # One connection for all commands, as a real deployment would have it.
    "ssh": (
        os.environ["BENCH_ADDRESS"],
        {
            "ssh_user": "root",
            "ssh_key": os.environ["BENCH_SSH_KEY"],
            "ssh_known_hosts_file": os.environ["BENCH_KNOWN_HOSTS"],
            "ssh_look_for_keys": False,
            "ssh_allow_agent": False,
        },
    ),
    # A `docker exec` for each command.
    "docker": (f"@docker/{os.environ['BENCH_CONTAINER']}", {}),
}

hosts = [_CONNECTIONS[os.environ["BENCH_CONNECTION"]]]
