# SPDX-License-Identifier: MIT
"""The programs and servers that a benchmark runs: each ends what it started."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from benchmarks.processes import Processes

ROOT = pathlib.Path(__file__).resolve().parents[2]


def built(target):
    """The release build's folder, with `target` in it."""
    for command in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release", "--target", target]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return ROOT / "build/release"


def program():
    return os.environ.get("PWLOG_PROGRAM") or str(built("pwlog") / "src/cli/pwlog")


class Folder:
    """On a disk, not in memory: what is written there is counted. Removed at the end."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="pwlog-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Simulator(Processes):
    """`pdus` and `atses` on PTYs below `folder`: pdu0, pdu1, ..., ats0, ..."""

    def __init__(self, binary, folder, pdus=1, atses=1):
        super().__init__()
        self.log = folder / "answers.ndjson"
        self.links = {"pdu": [folder / ("pdu%d" % i) for i in range(pdus)],
                      "ats": [folder / ("ats%d" % i) for i in range(atses)]}
        named = [part for kind, links in self.links.items() for link in links for part in ("--" + kind, link)]
        process = self.start([binary, "simulate", *named, "--think", "5ms", "--log", self.log],
                             stdout=subprocess.PIPE, text=True)
        while process.stdout.readline().strip() != "ready":
            pass

    def answers(self, since, until=float("inf")):
        said = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [a for a in said if "command" in a and since < a["time_ms"] / 1000 < until]


class Node:
    """A real Elasticsearch, which ends with this process whatever happens."""

    def __init__(self, folder):
        self.command = ROOT / "scripts/es-node"
        said = subprocess.run([self.command, "start", "--dir", folder / "node", "--lasting", "--with", str(os.getpid())],
                              check=True, stdout=subprocess.PIPE, text=True).stdout
        lines = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        self.url, self.pid = lines["url"], lines["pid"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([self.command, "stop", self.pid], stdout=subprocess.DEVNULL)


def write_config(folder, simulator, host, interval, ats_options='fast_interval = "off"', kinds=("pdu", "ats"), more="",
                 spool_in=None):
    """A fresh spool each time; the logger's own documents are off, as they are no device's."""
    spool = tempfile.mkdtemp(prefix="spool-", dir=spool_in or folder)
    text = 'interval = "%gs"\nquery_gap = "20ms"\nlogger_interval = "0s"\ncontrol_socket = "%s/socket"\n' % (interval, folder)
    text += '[elasticsearch]\nhosts = ["%s"]\n%s\n[spool]\npath = "%s/spool"\n' % (host, more, spool)
    for kind in kinds:
        for number, link in enumerate(simulator.links[kind]):
            text += '[[%s]]\nid = "%s%d"\nport = "%s"\n' % (kind, kind, number, link)
            text += ats_options + "\n" if kind == "ats" else ""
    config = folder / "pwlog.toml"
    config.write_text(text)
    config.chmod(0o600)
    return config


class Daemon(Processes):
    def __init__(self, binary, config):
        super().__init__()
        self.binary, self.config = binary, config
        self.began = time.time()
        self.pid = self.start([binary, "run", "--as-root", "--config", config], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).pid

    def status(self):
        done = subprocess.run([self.binary, "status", "--json", "--config", self.config], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False)
        return json.loads(done.stdout) if done.stdout.strip().startswith("{") else None


LIBRARY = """
import sys
sys.path.insert(0, sys.argv[1])
import powerwalker
if sys.argv[2] == "pdu":
    device = powerwalker.PDU(sys.argv[3])
    cycle = device.status, device.power_w, device.energy_kwh, device.power_va
else:
    cycle = powerwalker.ATS(sys.argv[3]).status,
while True:
    for method in cycle:
        method()
"""


class Library(Processes):
    """The Python library, which reads each device again and again; pyserial is Debian's python3-serial, so Python is
    Debian's too."""

    def __init__(self, folder, simulator):
        super().__init__()
        for kind, links in simulator.links.items():
            self.start(["/usr/bin/python3", "-c", LIBRARY, folder, kind, links[0]])

    @staticmethod
    def is_at(folder):
        return pathlib.Path(folder, "powerwalker").is_dir()


def set_up(binary, config):
    subprocess.run([binary, "setup", "--config", config], check=True, stdout=subprocess.DEVNULL)
