"""How ``make run`` runs the web process; read by gunicorn. Address and number of workers come on the command line."""

import signal

from kexie_events.standalone.leash import end_with_parent

worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 8
control_socket_disable = True  # its default place is one per user: two instances would meet there


def post_fork(server: object, worker: object) -> None:
    """A worker whose master was killed would go on serving, beside the next master's workers."""
    end_with_parent(signal.SIGKILL)
