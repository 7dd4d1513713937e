"""gunicorn in a container; nginx connects through the link ``web.sock``, which a deploy moves (compose/deploy)."""

import ctypes
import gc
import os
import signal
import socket
import subprocess

bind = f"unix:/run/web/{socket.gethostname()}.sock"
# nginx runs as another user; who gets into the volume at all is decided by compose.
umask = 0o000
workers = int(os.environ.get("WEB_PROCESSES", "3"))
worker_class = "sync"
# The application is loaded once, not by each worker; nothing ever sends HUP, after which old code would stay.
preload_app = True
timeout = 60
# Below `timeout`: a request that is being served ends before its worker is killed.
graceful_timeout = 30
# A disk that stalls must not look like a worker that hangs.
worker_tmp_dir = "/dev/shm"
# Bounds leaks; the jitter keeps workers from restarting together.
max_requests = 10000
max_requests_jitter = 1000
# nginx is the only client of the socket.
forwarded_allow_ips = "*"
# With the request's id, which nginx has given it; without the query, which may hold what no log should.
accesslog = "-"
access_log_format = '%(t)s request=%({x-request-id}i)s "%(m)s %(U)s" %(s)s %(L)s s'
errorlog = "-"
# The root file system is read-only, and nobody asks.
control_socket_disable = True


def when_ready(server):
    """Take the link where nobody answers behind it: at the first start, and after containers were made anew."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect("/run/web/web.sock")
        except OSError:
            subprocess.run(["/usr/local/lib/cloche/django/take-over"], check=True)


def pre_fork(server, worker):
    # What was loaded is never garbage: the workers' collector would touch it all, and each would get a copy of its own.
    gc.freeze()


def post_fork(server, worker):
    # Else the workers of a killed master stay for up to timeout / 2.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
