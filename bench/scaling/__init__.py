"""bench/scale: tasks and requests a second against the number of hosts, and what a task costs each service."""
