"""Definitions with one fault each, and what preflight says of it."""

from __future__ import annotations

from samples import DELETE, worker

NIGHTLY = {"name": "nightly", "command": "python manage.py tidy", "calendar": "*-*-* 03:00:00"}

#: What is changed -> variable, value and words of the remedy. Each is the only problem that is reported.
BAD = {
    "misspelt key": ({"app_werkers": []}, "app_werkers", "[]", "did you mean app_workers?"),
    "misspelt key in depth": ({"app_web__timeoout": 9}, "app_web.timeoout", "9", "did you mean timeout?"),
    "misspelt key of a worker": (
        {"app_workers__1__prefetsch": 2}, "app_workers[slow].prefetsch", "2", "did you mean prefetch?"),
    "misspelt key two levels down": (
        {"app_redis": {"cache": {"prot": 6380}}}, "app_redis.cache.prot", "6380", "did you mean port?"),
    "unknown key": ({"zzz": "1"}, "zzz", "1", "unknown key; known are app_name,"),
    "no number": ({"app_web__timeout": "soon"}, "app_web.timeout", "soon", "must be a whole number: Seconds"),
    "true is no number": ({"app_web__workers": True}, "app_web.workers", "true", "must be a whole number"),
    "a fraction": ({"app_web__timeout": 1.5}, "app_web.timeout", "1.5", "must be a whole number"),
    "zero": ({"app_workers__0__prefetch": 0}, "app_workers[default].prefetch", "0", "must be at least 1"),
    "a string for a list": ({"app_packages": "git"}, "app_packages", "git", "must be a list"),
    "a string for a mapping": ({"app_web": "60"}, "app_web", "60", "must be a mapping"),
    "a list for a string": ({"app_python": ["python3"]}, "app_python", '["python3"]', "must be a string"),
    "unquoted version": (
        {"app_source": {"git": "u", "version": 5.10}}, "app_source.version", "5.1", "put it in quotes"),
    "empty string": ({"app_exchange": ""}, "app_exchange", "''", "give a value or omit the key"),
    "unknown choice": ({"app_broker": "kafka"}, "app_broker", "kafka", "must be rabbitmq or redis"),
    "line to be filled in": ({"app_domains": "<fill in: all names>"}, "app_domains", "(to be filled in)", "all names"),
    "variable to be filled in": (
        {"app_environment__X": "<fill in: the country>"}, "app_environment.X", "(to be filled in)", "the country"),
    "entry to be filled in": (
        {"app_domains": ["<fill in: all names>"]}, "app_domains[0]", "(to be filled in)", "all names"),
    "mapping in the environment": (
        {"app_environment__X": {"a": 1}}, "app_environment.X", "(a mapping of a)", "give a string or a number"),
    "name of a variable": ({"app_environment": {"A-B": "1"}}, "app_environment", "A-B", "no name of an environment"),
    "variable twice": (
        {"app_environment__SENTRY_DSN": "x"}, "app_environment", "SENTRY_DSN", "also in app_secret_environment"),
    "template of something unknown": (
        {"app_environment_map": {"DB": "{db.host}"}}, "app_environment_map.DB", "{db.host}", "known are database.url,"),
    "template of nothing": (
        {"app_environment_map": {"DB": "DATABASE_URL"}}, "app_environment_map.DB", "DATABASE_URL", "names nothing"),
    "broken template": (
        {"app_environment_map": {"DB": "{database.host"}}, "app_environment_map.DB", "{database.host", "is doubled"),
    "template with a format": (
        {"app_environment_map": {"DB": "{database.port:05d}"}},
        "app_environment_map.DB", "{database.port:05d}", "may follow but :quoted"),
    "template of a service that is not there": (
        {"app_environment_map": {"C": "{cache.url}"}, "app_secrets__redis": DELETE},
        "app_environment_map.C", "{cache.url}", "without app_secrets.redis there is no cache"),
    "template of an instance that is not there": (
        {"app_environment_map": {"L": "{redis.layers.url}"}},
        "app_environment_map.L", "{redis.layers.url}", "no instance of app_redis.further is named layers"),
    "template for a variable that is given already": (
        {"app_environment_map": {"SENTRY_DSN": "{site.url}"}},
        "app_environment_map.SENTRY_DSN", "(10 characters)", "keep only one of them"),
    "worker without a name": ({"app_workers": [{"queues": ["default"]}]}, "app_workers[0].name", "(missing)", "add it"),
    "two workers of one name": (
        {"app_workers__1__name": "default"}, "app_workers", "default", "two of one name; rename one"),
    "worker's name": ({"app_workers__1__name": "So-so"}, "app_workers", "So-so", "a name is a-z"),
    "unserved queue": (
        {"app_queues": ["default", "slow", "mail", "bulk"]}, "app_queues", "bulk", "no worker serves it: add it"),
    "undeclared queue": (
        {"app_workers": worker(queues=["default", "slow", "mail", "bulk"])},
        "app_workers[all].queues", "bulk", "not in app_queues: add it there or remove it here"),
    "queue twice": ({"app_queues": ["default", "slow", "mail", "mail"]}, "app_queues", "mail", "named twice"),
    "no source": ({"app_source": DELETE}, "app_source", "(missing)", "add it: Where the code comes from"),
    "two sources": ({"app_source__package": "x"}, "app_source", "path, package", "give exactly one of path, git and"),
    "source that is not there": ({"app_source": {"path": "ap"}}, "app_source.path", "ap", "no such directory"),
    "requirements that are not there": (
        {"app_requirements": "prod.txt"}, "app_requirements", "prod.txt", "no such file in app_source.path (app)"),
    "version of a directory": (
        {"app_source__version": "x"}, "app_source.version", "x", "only goes with git"),
    "subdirectory of a package": (
        {"app_source": {"package": "shop", "subdirectory": "x"}}, "app_source.subdirectory", "x", "only goes with"),
    "subdirectory that is not there": (
        {"app_source__subdirectory": "x"}, "app_source.path", "app", "/app/x"),
    "subdirectory outside": (
        {"app_source": {"git": "u", "subdirectory": "../x"}}, "app_source.subdirectory", "../x", "inside the source"),
    "password in a URL": (
        {"app_source": {"git": "https://me:Zq7kW2vX@git.invalid/shop.git"}}, "app_source.git",
        "https://(hidden)@git.invalid/shop.git", "holds a password; leave it out: git uses the controller's own"),
    "requirements that would have to be run": (
        {"app_source": {"git": "u"}, "app_requirements": "setup.py"}, "app_requirements", "setup.py", "have to be run"),
    "lock for a package": (
        {"app_source": {"package": "shop"}, "app_requirements": "uv.lock"}, "app_requirements", "uv.lock", "remove it"),
    "a further requirement that is an option": (
        {"app_further_requirements": ["-i x"]}, "app_further_requirements", "-i x", "give a project's name"),
    "extras of a requirements file": (
        {"app_extras": ["s3"]}, "app_extras", '["s3"]', "requirements.txt has no extras to choose from"),
    "Python by its version": ({"app_python": "3.12"}, "app_python", "3.12", "give a command such as python3.12"),
    "package to build with": (
        {"app_build_packages": ["libcairo2-dev", "gcc; true"]}, "app_build_packages", "gcc; true", "no name of a"),
    "index that is no URL": (
        {"app_package_index": {"url": "packages.invalid"}}, "app_package_index.url", "packages.invalid", "https://"),
    "index with a login in its URL": (
        {"app_package_index": {"url": "https://me:Zq7kW2vX@packages.invalid/simple"}}, "app_package_index.url",
        "https://(hidden)@packages.invalid/simple", "give it as app_package_index.username and .password"),
    "index with a password alone": (
        {"app_package_index": {"url": "https://packages.invalid", "password": "kT4!pQ9aZx81"}},
        "app_package_index.username", "(missing)", "often __token__"),
    "wsgi and asgi": ({"app_asgi": "config.asgi:a"}, "app_asgi", "config.asgi:a", "remove it or app_wsgi"),
    "no domain": ({"app_domains": []}, "app_domains", "[]", "name at least one domain"),
    "bad domain": ({"app_domains": ["a b"]}, "app_domains", "a b", "no domain name"),
    "body limit": ({"app_web__body_limit": "ten"}, "app_web.body_limit", "ten", "give digits and k, m or g"),
    "health path": ({"app_health_path": "readyz"}, "app_health_path", "readyz", "must begin with /"),
    "time limit": (
        {"app_workers__1__time_limit": 7200}, "app_workers[slow].time_limit", "7200", "lower it below rabbitmq_con"),
    "prefetch": (
        {"app_workers__0__prefetch": 12}, "app_workers[default].prefetch", "12", "x prefetch 12 x 300 s = 7200 s"),
    "time limit with Redis": (
        {"app_broker": "redis", "app_workers": worker(time_limit=3600)},
        "app_workers[all].time_limit", "3600", "visibility_timeout of Redis"),
    "graceful timeout": (
        {"app_web__graceful_timeout": 60}, "app_web.graceful_timeout", "60", "lower it below app_web.timeout (60 s)"),
    "stop timeout": (
        {"app_processes": [{"name": "feed", "command": "feed", "stop_timeout": 9000}]},
        "supervisor_stop_timeout", "9000", "process feed may take 9000 s to stop; raise supervisor_stop_timeout"),
    "sum of the stop timeouts": (
        {"app_workers": [*worker(time_limit=2300), {"name": "two", "queues": ["slow"], "time_limit": 7000}]},
        "supervisor_stop_timeout", "9000", "one after the other, may take 9460 s"),
    "port out of range": ({"app_redis": {"cache": {"port": 80}}}, "app_redis.cache.port", "80", "between 1024 and"),
    "one port twice": (
        {"app_redis": {"cache": {"port": 6381}}}, "app_redis.state.port", "6381", "taken by apps/garden.yml app_redis"),
    "hook of another type": ({"app_hooks": {"after_live": [7]}}, "app_hooks.after_live[0]", "7", "must be a mapping"),
    "hook without a command": (
        {"app_hooks": {"prepare": [{"timeout": 9}]}}, "app_hooks.prepare[0].command", "(missing)", "add it"),
    "empty hook": ({"app_hooks": {"after_live": [""]}}, "app_hooks.after_live[0].command", "''", "give a value"),
    "hook to be filled in": (
        {"app_hooks": {"prepare": ["<fill in: how>"]}}, "app_hooks.prepare[0].command", "(to be filled in)", "how"),
    "preparing is for every host": (
        {"app_hooks": {"prepare": [{"command": "x", "everywhere": True}]}},
        "app_hooks.prepare[0].everywhere", "true", "unknown key; known are command, timeout"),
    "group of a process": (
        {"app_processes": [{"name": "feed", "command": "feed", "group": "flower"}]},
        "app_processes[feed].group", "flower", "must be worker or web or beat: Group of hosts.yml"),
    "signal of a process": (
        {"app_processes": [{"name": "feed", "command": "feed", "stop_signal": "KILL"}]},
        "app_processes[feed].stop_signal", "KILL", "must be TERM or INT or QUIT"),
    "schedule's name": (
        {"app_schedules": [NIGHTLY | {"name": "a-b"}]}, "app_schedules", "a-b", "a name is a-z, 0-9 and _"),
    "two schedules of one name": ({"app_schedules": [NIGHTLY] * 2}, "app_schedules", "nightly", "two of one name"),
    "blank calendar": (
        {"app_schedules": [NIGHTLY | {"calendar": " "}]}, "app_schedules[nightly].calendar", " ", "give one line"),
    "calendar of two lines": (
        {"app_schedules": [NIGHTLY | {"calendar": "daily\nUnit=x"}]},
        "app_schedules[nightly].calendar", "daily\nUnit=x", "give one line such as"),
    "calendar that is an option": (
        {"app_schedules": [NIGHTLY | {"calendar": "--help"}]}, "app_schedules[nightly].calendar", "--help", "give one"),
    "port of a further instance": (
        {"app_redis": {"further": [{"name": "queue", "port": 6380}]}},
        "app_redis.further[queue].port", "6380", "taken by apps/garden.yml app_redis.cache.port"),
    "name of a further instance": (
        {"app_redis": {"further": [{"name": "state", "port": 6390}]}},
        "app_redis.further", "state", "the kit's own instance; rename it"),
    "further instance without a password": (
        {"app_redis": {"further": [{"name": "queue", "port": 6390}]}, "app_secrets__redis": DELETE},
        "app_secrets.redis", "(missing)", "add it"),
    "accepted setting": (
        {"app_doctor_accepts": ["task_ack_late"]}, "app_doctor_accepts", "task_ack_late", "did you mean task_acks_"),
    "missing secret": ({"app_secrets__django": DELETE}, "app_secrets.django", "(missing)", "add it, best as a referen"),
}  # fmt: skip
