# SPDX-License-Identifier: MIT
"""What a process costs, read from /proc, and how figures of several runs are told."""
import contextlib
import pathlib
import statistics
import time
from dataclasses import dataclass, field

NANOSECONDS = 1e9


def tasks(pid):
    return pathlib.Path("/proc/%d/task" % pid).iterdir()


def of_threads(pid, file):
    """What that file of /proc says of each thread; one that ends after it was listed is left out."""
    for task in tasks(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            yield (task / file).read_text()


def cpu_seconds(pid):
    """Of all threads, in the scheduler's nanoseconds: the ticks of /proc/PID/stat are too coarse for an idle daemon."""
    return sum(int(text.split()[0]) for text in of_threads(pid, "schedstat")) / NANOSECONDS


def waits(pid):
    """By the thread's name: how often it has slept, which is how often it was woken."""
    found = {}
    for text in of_threads(pid, "status"):
        status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        found[status["Name"]] = found.get(status["Name"], 0) + int(status["voluntary_ctxt_switches"])
    return found


def memory_mb(pid):
    """Resident, private (shared with no other process) and private dirty memory in MB. A simulator that runs the same
    file beside it shares its pages, which halves a proportional size (PSS); resident and dirty memory don't care."""
    sizes = {}
    for line in pathlib.Path("/proc/%d/smaps_rollup" % pid).read_text().splitlines()[1:]:
        name, value = line.split(":")
        sizes[name] = int(value.split()[0]) / 1024
    return {"resident": sizes["Rss"], "private": sizes["Private_Clean"] + sizes["Private_Dirty"],
            "dirty": sizes["Private_Dirty"]}


def threads(pid):
    return sum(1 for _ in tasks(pid))


def written_bytes(pid):
    """What it caused to be written to the disk, by the kernel's count of pages made dirty."""
    lines = pathlib.Path("/proc/%d/io" % pid).read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


class Meter:
    """CPU time, sleeps and written bytes of a process between two moments."""

    def __init__(self, pid):
        self.pid = pid
        self.began = time.monotonic()
        self.before = cpu_seconds(pid), waits(pid), written_bytes(pid)

    def read(self):
        seconds = time.monotonic() - self.began
        cpu, slept, written = self.before
        now = waits(self.pid)
        return {"seconds": seconds, "cpu_ms_a_minute": (cpu_seconds(self.pid) - cpu) / seconds * 60000,
                "waits": {name: count - slept.get(name, 0) for name, count in now.items()},
                "written": written_bytes(self.pid) - written}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@dataclass
class Row:
    """One figure of one program: several runs of it, and what it is held against."""
    what: str
    unit: str
    values: dict = field(default_factory=dict)  # program -> figures, one for each run
    limit: float | None = None  # at most; of the first program
    digits: int = 1

    def add(self, program, value):
        self.values.setdefault(program, []).append(value)

    def median(self, program):
        return statistics.median(self.values[program])


class Table:
    """Rows in the order in which they were first named."""

    def __init__(self, title, note=""):
        self.title, self.note, self.rows = title, note, {}

    def add(self, program, what, unit, value, limit=None, digits=1):
        self.rows.setdefault(what, Row(what, unit, limit=limit, digits=digits)).add(program, value)

    def lines(self):
        """Cells: what, of whom, median, least, most, limit, the median's ratio to the limit and to the first program's."""
        for row in self.rows.values():
            first = next(iter(row.values))
            for program, figures in row.values.items():
                median = row.median(program)
                held = row.limit if program == first else None
                base = row.median(first)
                yield [row.what, program, "%.*f %s" % (row.digits, median, row.unit),
                       "%.*f" % (row.digits, min(figures)), "%.*f" % (row.digits, max(figures)),
                       "" if held is None else "%g" % held, "" if not held else "%.2f" % (median / held),
                       "" if program == first or not base else "%.2f" % (median / base)]

    HEADS = ["what", "program", "median", "least", "most", "at most", "of it", "x the first"]

    def text(self):
        rows = [self.HEADS, *self.lines()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.HEADS))]
        body = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        return "\n".join([self.title, *body] + ([self.note] if self.note else []))

    def markdown(self):
        head = "| " + " | ".join(self.HEADS) + " |\n|" + " --- |" * len(self.HEADS)
        body = ["| " + " | ".join(row) + " |" for row in self.lines()]
        return "\n".join(["## " + self.title, "", head, *body, ""] + ([self.note, ""] if self.note else []))

    def is_met(self):
        return all(row.limit is None or row.median(next(iter(row.values))) <= row.limit for row in self.rows.values())
