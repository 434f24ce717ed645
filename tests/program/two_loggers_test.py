# SPDX-License-Identifier: MIT
"""One logger meets only itself, whatever happens to it; two of one device.id are told of each other, and no document
of theirs is taken for delivered that the other one had written."""
import atexit
import json
import os
import random
import subprocess

from harness import BINARY, Daemon, OwnNode, Scratch, check, pwlog, wait_until

KILLS = 6
# Two samples meet where their first answers come in the same millisecond: more of them, more often.
DEVICES = ("ats1", "ats2", "ats3", "ats4")
INTERVAL = "500ms"
chance = random.Random(9)

scratch = Scratch()
node = OwnNode(str(scratch.path / "node"))
elastic = node.elastic


class Logger:
    """A machine of its own, but for the device.id and the host's name."""

    def __init__(self, seed):
        self.scratch = Scratch()
        links = {device: self.scratch.path / device for device in DEVICES}
        arguments = [word for link in links.values() for word in ("--ats", link)]
        self.simulator = subprocess.Popen([BINARY, "simulate", "--unpaced", "--think", "0ms", "--seed", str(seed),
                                           *arguments], stdout=subprocess.DEVNULL)
        atexit.register(self.simulator.kill)
        wait_until(lambda: all(map(os.path.exists, links.values())), 30, "the simulator")
        self.scratch.write_config(elastic.url, interval=INTERVAL)
        with open(self.scratch.config, "a", encoding="ascii") as config:
            for device, link in links.items():
                config.write('[[ats]]\nid = "%s"\nport = "%s"\n' % (device, link))
        self.daemon = None

    def run(self, *command):
        return pwlog(*command, "--config", self.scratch.config)

    def start(self):
        self.daemon = Daemon(self.scratch)

    def status(self):
        answer = self.run("status", "--json")
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def stored(self):
        status = self.status()
        return status["spool"]["stored"] if status else 0

    def conflicts(self):
        status = self.status()
        return sum(one["documents"] for one in status["shipping"]["conflicts"]) if status else 0

    def doctor(self):
        return [finding for finding in json.loads(self.run("doctor", "--json").stdout)["findings"]
                if finding["name"] == "device_id_conflict"]

    def books(self):
        """After the end, with all shipped."""
        books = json.loads(self.run("spool", "info", "--json").stdout)
        check(books["pending"] == 0 and books["dropped"] == 0, books)
        check(books["read"] == books["stored"] + books["duplicates"] + books["rejected"], books)
        return books


def events():
    return [event for event in elastic.documents(family="events") if event["event"]["action"] == "device_id_conflict"]


first = Logger(1)
check(first.run("setup").returncode == 0, "setup failed")
for _ in range(KILLS):
    first.start()
    before = first.stored()
    wait_until(lambda: first.stored() > before + chance.randrange(1, 4), 30, "documents")
    # Beside the daemon, faster than it now and then.
    backfill = first.run("backfill", "--from", "spool", "--fresh", "--rejects", first.scratch.path / "refused",
                         "--state", first.scratch.path / "state")
    check(backfill.returncode == 0, "backfill: " + backfill.stderr)
    check(first.run("spool", "retry").returncode == 0, "retry failed")
    check(first.conflicts() == 0, first.status())
    first.daemon.kill()
first.start()
wait_until(lambda: first.stored() > 0, 30, "documents")
check(not events() and not first.doctor(), "alone, and told of another logger")
check("another logger" not in first.daemon.log(), first.daemon.log())
alone = json.loads(first.run("spool", "info", "--json").stdout)
check(alone["rejected"] == 0, alone)

# Two new ones: where the clock is not known to be right, what follows on a restart at once is not sure.
check(first.daemon.stop()[1] == 0, first.daemon.log())
first.simulator.terminate()
first.simulator.wait()
elastic.clear()
first, second = Logger(3), Logger(2)
for logger in (first, second):
    logger.start()
# Which of the two comes first changes with each sample.
wait_until(lambda: first.conflicts() + second.conflicts() > 5, 120, "loggers that meet")
told = [logger for logger in (first, second) if logger.conflicts()]
for logger in told:
    found = logger.doctor()
    check(found and found[0]["verdict"] == "fail", found)
    check("another logger writes documents of device.id" in logger.daemon.log(), logger.daemon.log())
wait_until(events, 30, "the event")
check(events()[0]["powerwalker"]["event"]["count"] > 0, events())
for logger in (first, second):
    _, status = logger.daemon.stop()
    check(status == 0, logger.daemon.log())
    done = logger.run("once")  # may meet the other's documents no more: it has ended
    check(done.returncode == 0, done.stderr)
    logger.simulator.terminate()
    logger.simulator.wait()

rejects = [json.loads(line) for logger in (first, second)
           for line in logger.run("spool", "rejects", "--json").stdout.splitlines()]
check(rejects and all(reject["type"] == "device_id_conflict" and reject["status"] == 409 for reject in rejects), rejects)
mine, other = first.books(), second.books()
print("first:", mine, "second:", other, sep="\n")
# Each document of both is on the server, or put aside beside the one that is.
on_server = len(elastic.documents()) + len(elastic.documents(family="events"))
check(mine["duplicates"] == 0 and other["duplicates"] == 0, [mine, other])
check(mine["stored"] + other["stored"] == on_server, "%d on the server" % on_server)
check(mine["rejected"] + other["rejected"] == len(rejects), "%d rejects" % len(rejects))
node.stop()
for used in (scratch, first.scratch, second.scratch):
    used.remove()
