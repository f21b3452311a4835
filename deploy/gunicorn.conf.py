"""gunicorn for the field app, behind nginx.conf. From the folder of app.py: gunicorn -c deploy/gunicorn.conf.py

Every limit here stands in views/limits.py too, and tests/shell/test_deploy.py holds them together.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from config import watch_address  # noqa: E402
from views.limits import most_connections  # noqa: E402
from views.logs import log_only_this  # noqa: E402
from views.metrics import new_board  # noqa: E402

wsgi_app = "app:create_app()"
chdir = str(ROOT)
# Loopback only: nginx is the door. What it adds about a visitor counts if `trusted_proxies = 1` is set.
# Under amanah.socket systemd listens, and this only says which of the two is for whom.
watch = watch_address(os.environ.get("AMANAH_WATCH", ""))
bind = [os.environ.get("AMANAH_BIND", "127.0.0.1:8000"), *([os.environ["AMANAH_WATCH"]] if watch else [])]
worker_class = "gthread"
# Each worker keeps a pace of its own: two let strangers try to sign in twice as often as one (docs/sign-in.md).
workers = int(os.environ.get("AMANAH_WORKERS", "2"))
# Whoever waits for the same store is kept with one commit, so more at a time make each cheaper (docs/performance.md).
threads = 8
timeout = 60
graceful_timeout = 30
keepalive = 5
backlog = 512
# As many as the process can have files open, less its own: one that cannot be taken in would end the worker.
worker_connections = most_connections()
# nginx refuses first, and less; this holds where somebody goes around it.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# No file is readable by others. A worker's sign of life is in memory, never on a disk.
umask = 0o077
worker_tmp_dir = "/dev/shm"  # noqa: S108 (gunicorn makes a file of its own there, readable by nobody else)
# Only the app's own setting says what a proxy is believed.
secure_scheme_headers = {}
forwarder_headers = "SCRIPT_NAME"
forwarded_allow_ips = "255.255.255.255"
# The app writes one line a request itself. gunicorn's own lines would name addresses and paths.
accesslog = None
errorlog = "-"
loglevel = "warning"
# A socket by which the server could be told to do things: systemd tells it what there is to tell.
control_socket_disable = True
proc_name = "amanah"
server_software = ""


def on_starting(server):
    """Before anything runs: of what gunicorn says, no more than who and how grave."""
    log_only_this()
    server.board = new_board()


def pre_fork(server, worker):
    """Each worker has its row of the counts that all of them share, and where none is to spare a core of its own."""
    worker.board = server.board.for_worker(worker.age)
    worker.cores = cores_for(server)


def cores_for(server):
    """One core, with as few other workers on it as can be; all of them where there are more than workers.

    Only one of a worker's threads runs at a time: on one core they hand Python's lock on without waking another.
    """
    try:
        cores = os.sched_getaffinity(0)
    except (AttributeError, OSError):  # not every system tells
        return None
    if len(cores) > server.cfg.workers:
        return cores
    taken = [core for other in server.WORKERS.values() for core in getattr(other, "cores", None) or ()]
    return {min(sorted(cores), key=taken.count)}


def post_fork(server, worker):
    """In each worker too, and no memory of one is written to the disk if it falls."""
    import resource

    log_only_this()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if worker.cores:
        with suppress(OSError):  # not every unit lets it
            os.sched_setaffinity(0, worker.cores)


def post_worker_init(worker):
    """The app is loaded: give it its second door, where there is one."""
    if watch:
        # Not above: what the master has loaded, a worker would not load anew at a reload.
        from serving import watched

        worker.wsgi = watched(worker.wsgi, worker.board, watch)
