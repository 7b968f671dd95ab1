"""Run a command that ends when its parent does: ``leash.py SIGNAL PARENT COMMAND…``.

The kernel sends SIGNAL to the command as soon as its parent is gone, even by kill -9. A file of its own, run without
site-packages, because the alternative, ``preexec_fn``, is unsafe in a process that has threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(number: int) -> None:
    """Ask the kernel to send signal ``number`` to this process when its parent ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    if os.getppid() != int(sys.argv[2]):  # it ended before the kernel was asked
        sys.exit(1)
    try:
        os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606
    except OSError as error:
        sys.exit(f"cannot run {sys.argv[3]}: {error}")
