# SPDX-License-Identifier: MIT
"""What a benchmark starts ends with it, however it ends itself."""
import contextlib
import ctypes
import signal
import subprocess
import sys

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # prctl(2): a signal for a process whose parent has ended


def _end_with_parent():
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command, **how):
    """A process that is told to end as soon as this one has ended."""
    how.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(command, preexec_fn=_end_with_parent, **how)


def run(command, **how):
    """Its exit status; ended early, it may still tidy up."""
    with contextlib.closing(Processes()) as processes:
        return processes.start(command, **how).wait()


def tidy_up_when_ended():
    """SIGTERM and SIGINT become an exception, so that what is to be done at the end is done: folders are removed."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


class Processes:
    """For a `with`: ends what was started in it."""

    def __init__(self):
        self.processes = []

    def start(self, command, **how):
        self.processes.append(start(command, **how))
        return self.processes[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait()
