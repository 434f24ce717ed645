# SPDX-License-Identifier: MIT
"""Benchmarks of the running program: cycles, an idle daemon, its start and end, fifty devices, bytes on the disk."""
import contextlib
import pathlib
import shutil
import subprocess
import tempfile
import time

from benchmarks.measuring import Meter, Table, memory_mb, percentile, threads
from benchmarks.parts import Daemon, Folder, Library, Node, Simulator, set_up, write_config
from benchmarks.processes import Processes

BYTE_SECONDS = 10 / 2400
THINK = 0.005
GAP = 0.020
NOBODY = "http://127.0.0.1:9"
QUERIES = {"PDU": ["QGS", "QPW", "QEC", "QPVA"], "ATS": ["QATS", "QAS"]}

RSYSLOG = """
module(load="imfile")
module(load="omelasticsearch")
global(workDirectory="{work}" maxMessageSize="64k")
template(name="document" type="string" string="%msg%")
input(type="imfile" file="{file}" tag="bench" ruleset="send")
ruleset(name="send" queue.type="linkedList" queue.filename="bench" queue.dequeueBatchSize="1000") {{
  action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" template="document" searchIndex="rsyslog-bench"
         searchType="" esVersion.major="8" bulkmode="on" writeoperation="create" bulkid="" dynbulkid="off")
}}
"""


def wire_seconds(answer):
    return (len(answer["command"]) + 1 + len(answer["meant"]) + 2) * BYTE_SECONDS


def asked(answer):
    """When its question had been sent."""
    return answer["time_ms"] / 1000 - wire_seconds(answer) - THINK


def cycles_of(answers, queries):
    """Groups of answers to just these queries, in this order."""
    groups = []
    for answer in answers:
        if answer["command"] == queries[0]:
            groups.append([])
        if groups:
            groups[-1].append(answer)
    groups = [group[:len(queries)] for group in groups]
    return [group for group in groups if [a["command"] for a in group] == queries]


def cycle(options):
    """How long a cycle takes against the wire, and when it starts against the grid."""
    table = Table("Cycle", "Of (wire + the device's 5 ms of delay + query_gap). The simulator's clock counts whole ms.")
    for name, binary in options.programs * options.runs:
        is_library = Library.is_at(binary)
        with Folder() as folder, Simulator(options.programs[0][1] if is_library else binary, folder) as simulator:
            config = write_config(folder, simulator, NOBODY, options.interval)
            with Library(binary, simulator) if is_library else Daemon(binary, config):
                time.sleep(10)  # the memory maps are read in the first seconds
                begin = time.time()
                time.sleep(options.seconds)
                answers = simulator.answers(begin)
        for kind, queries in QUERIES.items():
            mine = [a for a in answers if a["device"].startswith(kind.lower())]
            ratios, starts = [], []
            for group in cycles_of(mine, queries):
                allowed = sum(wire_seconds(a) for a in group) + THINK * len(group) + GAP * (len(group) - 1)
                began = asked(group[0])
                ratios.append((group[-1]["time_ms"] / 1000 - began) / allowed)
                starts.append(min(began % options.interval, options.interval - began % options.interval) * 1000)
            if not ratios:
                raise SystemExit("bench: %s has read no %s in %g s" % (name, kind, options.seconds))
            table.add(name, kind + ", cycle against the wire, median", "x", percentile(ratios, 0.5), 1.01, 3)
            if not is_library:  # which has no grid
                table.add(name, kind + ", start against the grid, p99", "ms", percentile(starts, 0.99), 2, 2)
    return table


class Rsyslog(Processes):
    """Ships lines that are appended to a file: what an idle shipper costs that many boxes run anyway."""

    def __init__(self, folder, url):
        super().__init__()
        self.file = folder / "documents"
        self.file.write_text("")
        work = pathlib.Path(tempfile.mkdtemp(dir=folder))
        config = work / "rsyslog.conf"
        config.write_text(RSYSLOG.format(work=work, file=self.file, port=url.rsplit(":", 1)[1]))
        self.pid = self.start(["rsyslogd", "-n", "-f", config, "-i", work / "pid"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).pid

    def append(self, lines):
        with open(self.file, "a") as stream:
            stream.write(lines)


def idle(options):
    """Two devices read at the usual interval, shipped to a real node; rsyslog beside it, in the same seconds."""
    table = Table("An idle daemon, one PDU and one ATS every %g s" % options.interval,
                  "Limits are those of docs/architecture.md's figures; rsyslog ships as many documents out of a file.")
    with Folder() as folder, Node(folder) as node:
        for name, binary in options.programs * options.runs:
            with Simulator(binary, folder) as simulator:
                for fast in ("off", "1s"):
                    config = write_config(folder, simulator, node.url, options.interval, 'fast_interval = "%s"' % fast)
                    set_up(binary, config)
                    measure_idle(options, table, (name, binary), config, simulator, node.url if fast == "off" else None)
                measure_turns(options, table, (name, binary), folder, simulator, node.url)
    return table


def measure_turns(options, table, program, folder, simulator, url):
    """How often the main thread wakes. Its spool is in memory for this: a wait for the disk counts as a sleep, too."""
    name, binary = program
    with tempfile.TemporaryDirectory(prefix="pwlog-bench-", dir="/dev/shm") as memory:
        config = write_config(folder, simulator, url, options.interval, spool_in=memory)
        with Daemon(binary, config) as daemon:
            time.sleep(35)  # half a minute after its start it gives back what only that had needed
            meter = Meter(daemon.pid)
            time.sleep(max(120, options.seconds))
            used = meter.read()
    table.add(name, "wake-ups of the main thread, a minute", "", used["waits"].get("pwlog", 0) / used["seconds"] * 60, 2.5)


def measure_idle(options, table, program, config, simulator, rsyslog_to):
    name, binary = program
    is_fast = rsyslog_to is None
    suffix = ", ATS read between cycles" if is_fast else ""
    peer = Rsyslog(config.parent, rsyslog_to) if rsyslog_to and shutil.which("rsyslogd") else None
    with Daemon(binary, config) as daemon:
        time.sleep(30)  # maps, ratings and templates are read in the first seconds
        requests, begin = daemon.status()["shipping"]["requests"], time.time()
        meter, other = Meter(daemon.pid), Meter(peer.pid) if peer else None
        for _ in range(max(1, int(options.seconds / options.interval))):
            time.sleep(options.interval)
            if peer:
                peer.append('{"@timestamp":"2026-01-01T00:00:00Z","message":"%s"}\n' % ("x" * 380) * 10)
        used, theirs = meter.read(), other.read() if other else None
        queries = len(simulator.answers(begin))
        requests = daemon.status()["shipping"]["requests"] - requests
        table.add(name, "CPU a minute" + suffix, "ms", used["cpu_ms_a_minute"])
        of_devices = sum(count for thread, count in used["waits"].items() if thread.startswith(("pdu", "ats")))
        table.add(name, "wake-ups of a device's thread, a query" + suffix, "", of_devices / max(queries, 1), 4, 2)
        if is_fast:
            return
        table.add(name, "bulk requests, a cycle", "", requests / (used["seconds"] / options.interval), 1.2, 2)
        for kind, limit in (("resident", 16), ("dirty", 3), ("private", None)):
            table.add(name, kind + " memory", "MB", memory_mb(daemon.pid)[kind], limit)
        if peer:
            table.add("rsyslog", "CPU a minute", "ms", theirs["cpu_ms_a_minute"])
            for kind, size in memory_mb(peer.pid).items():
                table.add("rsyslog", kind + " memory", "MB", size)
            peer.close()


def start(options):
    """From the start to the first sample, and from SIGTERM to the end."""
    table = Table("Start and end", "ATS every second: up to one second of the start is the wait for the grid's next tick.")
    for name, binary in options.programs * options.runs:
        with Folder() as folder, Simulator(binary, folder, pdus=0) as simulator:
            config = write_config(folder, simulator, NOBODY, 1, kinds=("ats",))
            for _ in range(5):
                with Daemon(binary, config) as daemon:
                    deadline = time.time() + 20
                    while time.time() < deadline and not any(cycles_of(simulator.answers(daemon.began), QUERIES["ATS"])):
                        time.sleep(0.02)
                    answers = simulator.answers(daemon.began)
                    time.sleep(1.3)  # amid a cycle or between two
                    began = time.monotonic()
                    daemon.close()
                    table.add(name, "SIGTERM to exit", "ms", (time.monotonic() - began) * 1000, 2000)
                # Without an answer to the one before, which has ended meanwhile.
                answers = [answer for answer in answers if asked(answer) > daemon.began]
                first = cycles_of(answers, QUERIES["ATS"])[0][-1]["time_ms"] / 1000
                table.add(name, "start to the first question", "ms", (asked(answers[0]) - daemon.began) * 1000)
                table.add(name, "start to the first sample", "ms", (first - daemon.began) * 1000)
    return table


@contextlib.contextmanager
def watched(binary, config, settle, seconds):
    """A daemon once it is set up and has settled, and what it used in so many seconds from then on."""
    set_up(binary, config)
    with Daemon(binary, config) as daemon:
        time.sleep(settle)
        meter = Meter(daemon.pid)
        time.sleep(seconds)
        yield daemon, meter.read()


def fleet(options):
    """Fifty devices in one process."""
    table = Table("Fifty devices, 25 PDUs and 25 ATSs every %g s" % options.interval)
    with Folder() as folder, Node(folder) as node:
        for name, binary in options.programs * options.runs:
            with Simulator(binary, folder, pdus=25, atses=25) as simulator:
                config = write_config(folder, simulator, node.url, options.interval)
                with watched(binary, config, 40, options.seconds) as (daemon, used):
                    sizes, late = memory_mb(daemon.pid), sum(d["late"] for d in daemon.status()["devices"])
                    table.add(name, "of one core", "%", used["cpu_ms_a_minute"] / 600, 0.5, 2)
                    for kind, limit in (("resident", None), ("dirty", None), ("private", 12)):
                        table.add(name, kind + " memory", "MB", sizes[kind], limit)
                    table.add(name, "threads", "", threads(daemon.pid), digits=0)
                    table.add(name, "late cycles", "", late, digits=0)
    return table


def disk(options):
    """What the spool writes in a day, by the kernel's count, with a server that takes all."""
    table = Table("Bytes written to the disk, a day", "By the kernel's count of pages that the process made dirty, on a "
                  "file system on a disk; what a card makes of them is its own affair.")
    with Folder() as folder, Node(folder) as node:
        for name, binary in options.programs * options.runs:
            for kinds, interval in ((("ats",), 1), (("pdu", "ats"), 10)):
                with Simulator(binary, folder) as simulator:
                    config = write_config(folder, simulator, node.url, interval, kinds=kinds)
                    what = "%s every %g s" % (" and ".join(kind.upper() for kind in kinds), interval)
                    with watched(binary, config, 30, options.seconds) as (_, used):
                        table.add(name, what, "MB", used["written"] / used["seconds"] * 86400 / 1e6)
    return table


