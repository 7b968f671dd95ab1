"""Run a command against an empty PostgreSQL and Redis that vanish with it: ``throwaway.py COMMAND…``."""

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from . import postgres, redis_server
from .children import say
from .server import CannotStart


def main(command: list[str]) -> int:
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kexie-")))
        try:
            database = postgres.start(data, durable=False)
            stack.callback(database.stop)
            broker = redis_server.start(data, durable=False)
            stack.callback(broker.stop)
        except CannotStart as error:
            say(f"kexie-events: {error}")
            return 1
        settings = [f"DATABASE_URL={database.url}", f"REDIS_URL={broker.url}", f"KEXIE_DATA={data}"]
        return subprocess.run(["env", *settings, *command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
