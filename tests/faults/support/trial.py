# SPDX-License-Identifier: MIT
"""One round of one fault: devices, the program, a proxy before the server, and all that the oracle needs afterwards."""
import atexit
import base64
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "program"))
from harness import BINARY, Elasticsearch, OwnNode, Scratch, pwlog  # noqa: E402
import derived  # noqa: E402
from certificates import make_certificates, server_context  # noqa: E402
from devices import CountingAts, CountingPdu  # noqa: E402
from oracle import QUERIES, Evidence, Verdict, documents_of, judge, key_of_answer, key_of_documents, readings_of  # noqa: E402
from proxy import Proxy, made_answer  # noqa: E402

FRESH_WITHIN = 30.0
UNREAD_SECONDS = 0.5  # that an answer may wait for its reader, on a machine busy with other things
MOST_MEMORY_KIB = 64 * 1024
MOST_DESCRIPTORS = 64
MOST_LOG_LINES = 60
DEVICE_WORDS = ("overloaded", "voltage of source 2", "source 2 could", "is open and read")


def is_sanitized():
    """A program that watches its own memory or threads needs many times as much, and no library before its own."""
    return any(name in pathlib.Path(BINARY).read_bytes() for name in (b"__asan_init", b"__tsan_init"))


class Failed(Exception):
    """What a fault itself expects did not come true."""


class Skipped(Exception):
    """This machine cannot do it; the reason is told."""


def must(condition, message):
    if not condition:
        raise Failed(message)


def wait_for(condition, within, what):
    end = time.monotonic() + within
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Failed("%s: not within %s s" % (what, within))


class Program:
    """`pwlog run`; `wrapper` stands before it on the command line."""

    def __init__(self, trial, wrapper=(), env=None):
        self.stream = open(trial.log_file, "ab")
        self.process = subprocess.Popen([*map(str, wrapper), BINARY, "run", "--as-root", "--config", str(trial.scratch.config)],
                                        stdout=self.stream, stderr=self.stream, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **(env or {})})
        atexit.register(self.process.kill)
        self.pid = self.process.pid
        self.most_memory = self.most_descriptors = 0

    def look(self):
        """Notes the most that it has held."""
        try:
            status = pathlib.Path("/proc/%d/status" % self.pid).read_text()
            memory = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
            descriptors = len(os.listdir("/proc/%d/fd" % self.pid))
        except (OSError, StopIteration):
            return
        self.most_memory = max(self.most_memory, memory)
        self.most_descriptors = max(self.most_descriptors, descriptors)

    def alive(self):
        return self.process.poll() is None


class Trial:
    def __init__(self, fault, number, seed, node):
        self.chance = random.Random("%s/%d/%d" % (fault, number, seed))
        self.name = "%s-%d-%x" % (fault.replace("_", "-"), number, self.chance.getrandbits(24))
        self.node_url, self.elastic = node, Elasticsearch(node)
        self.scratch = Scratch()
        self.log_file = self.scratch.path / "run.log"
        self.proxy = Proxy(node)
        self.url = self.proxy.url
        self.pdus, self.atses = {}, {}
        self.settings = {"top": "", "elasticsearch": "", "spool": "", "pdu": "", "ats": "", "more": ""}
        self.spool = self.scratch.path / "spool"
        self.program = None
        self.programs = []
        self.evidence = None
        self.healed_at = None
        self.most_log_lines = MOST_LOG_LINES
        self.most_memory = MOST_MEMORY_KIB
        self.expects_fresh = True
        self.notes = []
        self.environment = {}
        self.offsets = []
        self.timeout = "2s"  # longer than this machine may be busy with other things
        self.image = self.clock_file = self.authority = None
        self.certificates = {}
        self.last_checks = []

    # Devices and configuration

    def add_devices(self, pdu=1, ats=1, **more):
        """Not paced: the wire's pace is other tests' matter, and more readings say more."""
        if self.evidence:
            return
        more = {"paced": False, "think": 0.001, **more}
        for count, kinds, made in ((pdu, self.pdus, CountingPdu), (ats, self.atses, CountingAts)):
            for number in range(count):
                name = "%s.%s%d" % (self.name, made.__name__[-3:].lower(), number + 1)
                kinds[name] = made(self.scratch.path / name, seed=self.chance.getrandbits(30), **more)
        self.evidence = Evidence(self.pdus, self.atses)

    @property
    def pdu_name(self):
        return next(iter(self.pdus))

    @property
    def pdu(self):
        return next(iter(self.pdus.values()))

    @property
    def ats(self):
        return next(iter(self.atses.values()))

    def all_devices(self):
        return [device for _, _, device in self.evidence.devices]

    def damage(self, share, faults):
        """From now on this share of the answers is struck by one of `faults`."""
        for device in self.all_devices():
            device.faults, device.fault_share = list(faults), share

    def unplug(self, device, seconds=0.0):
        """What it had just said may be lost with the terminal."""
        pulled = time.time()
        device.unplug(seconds)
        self.evidence.unsure.append((pulled - UNREAD_SECONDS, pulled + UNREAD_SECONDS))

    def order(self, *arguments, sent=()):
        """A switch command, and what may reach the device by it."""
        self.evidence.ordered.setdefault(self.pdu_name, []).extend(sent)
        result = self.run("outlet", *arguments, "--yes", timeout=90)
        if result.returncode == 0:
            self.evidence.done.setdefault(self.pdu_name, []).extend(sent)
        return result

    def configure(self, **settings):
        """Each of `settings` adds lines to a section."""
        for section, lines in settings.items():
            self.settings[section] += lines + "\n"
        s = self.settings
        text = 'interval = "400ms"\ncontrol_socket = "%s"\nhost_name = "%s"\n' % (self.scratch.path / "s", self.name)
        text += 'query_gap = "0ms"\nclock_wait = "0s"\nlogger_interval = "0s"\ntimeout = "%s"\n%s' % (self.timeout, s["top"])
        text += '[elasticsearch]\nhosts = ["%s"]\n%s' % (self.url, s["elasticsearch"])
        text += '[spool]\npath = "%s"\n%s' % (self.spool, s["spool"])
        for name, device in self.pdus.items():
            text += '[[pdu]]\nid = "%s"\nport = "%s"\ninterval = "1200ms"\ntariff = %s\n%s' % (
                name, device.link, derived.PRICE, s["pdu"])
        for name, device in self.atses.items():
            text += '[[ats]]\nid = "%s"\nport = "%s"\nfast_interval = "off"\n%s' % (name, device.link, s["ats"])
        self.scratch.config.write_text(text + s["more"])
        self.scratch.config.chmod(0o600)

    def begin(self, **settings):
        """The usual: both devices, the program, and a first document on the server."""
        self.add_devices()
        self.configure(**settings)
        self.start()
        self.wait_shipped()

    # The server and the broker

    def setup(self):
        done = self.run("setup")
        must(done.returncode == 0, done.stderr)

    def fresh_server(self):
        """No document of anybody's, and the templates as they should be. For a fault that is alone."""
        self.elastic.clear()
        self.add_devices()
        self.configure()
        self.setup()

    def own_node(self):
        """A node that this trial may kill or freeze."""
        node = OwnNode(str(self.scratch.path / "node"))
        atexit.register(node.stop)
        self.elastic = node.elastic
        self.proxy.upstream = urllib.parse.urlsplit(node.url)
        self.fresh_server()
        return node

    def index_of(self, family):
        path = "/_cat/indices/powerwalker-%s-*?format=json&h=index" % family
        return wait_for(lambda: self.elastic.call("GET", path), 30, "an index of " + family)[0]["index"]

    def make_index(self, family, properties):
        """This month's, with a mapping of ours in it, in place of the one that setup made."""
        index = "/powerwalker-%s-%s" % (family, time.strftime("%Y.%m", time.gmtime()))
        self.elastic.call("DELETE", index + "?ignore_unavailable=true")
        self.elastic.call("PUT", index, {"mappings": {"properties": properties}})

    def count(self, family):
        return len(documents_of(self.elastic, family, self.name))

    def cluster(self, settings):
        self.elastic.call("PUT", "/_cluster/settings", {"persistent": settings})

    def open_connections(self):
        """Of the program to the proxy."""
        rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(1 for row in rows if row[2].endswith(":%04X" % self.proxy.port) and row[3] == "01")

    def broker(self):
        if not shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin"):
            raise Skipped("no mosquitto here")
        from broker import Broker
        place = self.scratch.path / "broker"
        place.mkdir()
        self.scratch.path.chmod(0o755)
        return Broker(place)

    def mqtt(self, broker, commands=False):
        return '[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "%s"\nclient_id = "%s"\ncommands = %s\n' % (
            broker.plain, self.name, self.name, str(commands).lower())

    def listener(self, broker):
        from broker import Listener
        return Listener(broker)

    def second_proxy(self):
        return Proxy(self.node_url)

    # Secrets, certificates, files

    def secret_file(self, name, text):
        file = self.scratch.path / name
        file.write_text(text + "\n")
        file.chmod(0o600)
        return file

    def bytes_of(self, file):
        return pathlib.Path(file).read_bytes().decode("latin-1")

    def files(self):
        return [file for file in self.scratch.path.rglob("*") if file.is_file() and not file.is_symlink()]

    def as_nobody(self, program, *arguments):
        return subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", sys.executable, "-c", program,
                               *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30, check=False)

    def use_tls(self, kind):
        """The proxy speaks TLS, with the certificate of that kind."""
        old, self.proxy = self.proxy, Proxy(self.node_url, server_context(self.certificates[kind], kind == "old TLS"))
        old.down()
        self.url = self.proxy.url

    def make_certificates(self):
        self.authority, self.certificates = make_certificates(self.scratch.path / "certificates")

    # Disks and clocks

    def command(self, *words, status=(0,)):
        done = subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"})
        must(done.returncode in status, "%s: %s" % (" ".join(map(str, words)), done.stdout))
        return done.stdout

    def mount(self, *words):
        """The spool is on this file system."""
        if os.geteuid() != 0:
            raise Skipped("mounting a file system of its own needs root")
        place = self.scratch.path / "disk"
        place.mkdir()
        try:
            self.command("mount", *words, place)
        except Failed as reason:
            raise Skipped("no file system of its own here: %s" % reason) from None
        atexit.register(subprocess.run, ["umount", "-l", str(place)], stderr=subprocess.DEVNULL, check=False)
        self.spool = place / "spool"
        return place

    def small_disk(self, size):
        return self.mount("-t", "tmpfs", "-o", "size=" + size, "tmpfs")

    def loop_disk(self, mebibytes):
        """ext4 in a file."""
        self.image = self.scratch.path / "image"
        with open(self.image, "wb") as stream:
            stream.truncate(mebibytes << 20)
        self.command("mkfs.ext4", "-q", "-O", "^metadata_csum_seed", self.image)
        return self.mount("-o", "loop", self.image)

    def fill(self, disk):
        with open(disk / "filler", "wb", buffering=0) as stream:
            for size in (65536, 4096, 512):
                try:
                    while True:
                        stream.write(b"x" * size)
                except OSError:
                    pass

    def cut_power(self, disk):
        """The device as it is at this moment, without what the kernel still holds in memory."""
        self.program.look()
        os.kill(self.program.pid, signal.SIGSTOP)
        self.evidence.kills.append(time.time())
        copy = self.scratch.path / "copy"
        shutil.copyfile(self.image, copy)
        self.program.process.kill()
        self.program.process.wait()
        self.command("umount", disk)
        self.command("mount", "-o", "loop", copy, disk)

    def remove(self, file):
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        else:
            file.unlink()

    def now(self):
        return time.time()

    def evidence_of_clock(self, offset=0):
        """begin(), with a wall clock that set_clock() sets; the monotonic one runs on, as in a machine."""
        library = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
        if not library:
            raise Skipped("no libfaketime; on Debian: apt-get install faketime")
        if is_sanitized():
            raise Skipped("a sanitizer's library and libfaketime's both want to be the first")
        self.clock_file = self.scratch.path / "clock"
        self.set_clock(offset)
        self.add_devices()
        self.evidence.clock_is_true = False
        self.configure()
        self.environment |= {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.clock_file), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        self.start()
        self.wait_shipped()

    def clashes(self):
        """How many readings of a device were given in a millisecond, or the one behind it, that its clock had shown before."""
        found = 0
        for device in self.all_devices():
            first = QUERIES["ats" if device in self.atses.values() else "pdu"][0]
            shown = set()
            for when, query, _, _ in list(device.said):
                if query == first:
                    offset = next((o for since, o in reversed(self.offsets) if since <= when), 0)
                    millisecond = int((when + offset) * 1000)
                    found += millisecond in shown
                    shown.update((millisecond, millisecond + 1))
        return found

    def seconds_after(self, moment):
        """By the clock that the program sees."""
        return time.time() + self.offsets[-1][1] - moment.timestamp()

    def set_clock(self, offset):
        self.offsets.append((time.time(), offset))
        new = self.clock_file.with_suffix(".new")
        new.write_text("%+d\n" % offset)
        os.replace(new, self.clock_file)

    # The program

    def start(self, wrapper=()):
        self.program = Program(self, wrapper, self.environment)
        self.programs.append(self.program)

    def kill(self):
        self.program.look()
        self.program.process.kill()
        self.program.process.wait()
        self.evidence.kills.append(time.time())

    def stop(self, within=15, statuses=(0,)):
        """SIGTERM, and a clean end."""
        self.program.look()
        asked = time.time()
        self.program.process.send_signal(signal.SIGTERM)
        try:
            status = self.program.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed("SIGTERM did not end it within %s s" % within) from None
        self.evidence.unsure.append((asked - 0.1, time.time()))  # a reading amid which it came
        must(status in statuses, "it ended with %s: %s" % (status, self.log()[-600:]))

    def traced(self, rule, **settings):
        """Once it has begun: again, under strace with its fault injection. The tracer is a grandchild, so that the program's
        pid is ours."""
        self.begin(**settings)
        self.stop()
        self.start(("strace", "-D", "-I", "2", "-f", "-o", "/dev/null", "-e", "trace=pwrite64,fdatasync,ftruncate", "-e", rule))
        self.wait_shipped()

    def hangup(self):
        """SIGHUP: whatever can be read again is."""
        self.program.process.send_signal(signal.SIGHUP)

    def run(self, *arguments, **more):
        return pwlog(*arguments, "--config", self.scratch.config, **more)

    def untraced(self):
        """Ends the injection: strace counts the calls of each thread, so that it has no end of its own."""
        def tracer():
            status = pathlib.Path("/proc/%d/status" % self.program.pid).read_text()
            return int(next(line for line in status.splitlines() if line.startswith("TracerPid")).split()[1])
        os.kill(tracer(), signal.SIGTERM)
        wait_for(lambda: tracer() == 0, 20, "the tracer's end")

    def spawn(self, *arguments):
        process = subprocess.Popen([BINARY, *map(str, arguments), "--config", str(self.scratch.config)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(process.kill)
        return process

    def status(self):
        self.program.look()
        answer = self.run("status", "--json")
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def books(self):
        answer = self.run("spool", "info", "--json")
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_lines(self):
        """Without what the devices give to tell: the ATSs' alarms come and go all the time, a first cycle takes its time."""
        return sum(1 for line in self.log().splitlines() if not any(word in line for word in DEVICE_WORDS))

    def books_anyhow(self):
        """Of the daemon, or of the file where none runs."""
        return wait_for(self.books, 20, "the spool's books")

    # Events to wait for

    must = staticmethod(must)
    wait_for = staticmethod(wait_for)
    made_answer = staticmethod(made_answer)
    parsed = staticmethod(json.loads)
    pwlog = staticmethod(pwlog)
    Skipped, verdict, binary = Skipped, Verdict, BINARY

    @staticmethod
    def encoded(text):
        return base64.b64encode(text.encode()).decode()

    def pause(self, seconds):
        """Where the moment is what chance is to choose; else an event is waited for."""
        time.sleep(seconds)

    def asked(self):
        """How many readings each device has begun to give."""
        return [sum(1 for answer in list(device.said) if answer[1] == QUERIES[kind][0])
                for kind, _, device in self.evidence.devices]

    def asked_anything(self):
        return any(device.said for device in self.all_devices())

    def sampled(self, count, within=30):
        """Waits until each device has been read so many times more, or a little more."""
        before = self.asked()
        wait_for(lambda: self.program.look() or all(now - then >= count for now, then in zip(self.asked(), before)),
                 within, "%d readings more" % count)

    def wait_shipped(self, within=90):
        def shipped():
            status = self.status()
            return status and status["spool"]["stored"] > 0
        wait_for(shipped, within, "a first document on the server")

    def wait_empty(self, within=40):
        """Nothing waits any more but the newest readings."""
        def empty():
            status = self.status()
            return status and status["spool"]["pending"] <= max(10, 20 * (len(self.all_devices()) - 2))
        wait_for(empty, within, "the spool to be empty")

    def struck(self, count=1, within=40):
        """Waits until the proxy's rule was at work."""
        wait_for(lambda: self.program.look() or self.proxy.struck >= count, within, "%d requests that are struck" % count)

    def logged(self, word, within=30):
        return wait_for(lambda: word in self.log(), within, "'%s' in the log" % word)

    def healed(self, keep_proxy=False):
        """From now on nothing is wrong any more."""
        if not keep_proxy:
            self.proxy.be_well()
        self.healed_at = time.time()

    # The end

    def is_fresh(self):
        """Whether a reading of each device, made since the fault has gone, is on the server."""
        documents = documents_of(self.elastic, "metrics", self.name)
        for kind, name, device in self.evidence.devices:
            said = {key_of_answer(kind, payload): when for when, query, payload, _ in list(device.said)
                    if query == QUERIES[kind][0]}
            cycles = {}
            for document in documents:
                if document["device"]["id"] == name:
                    cycles.setdefault(document["@timestamp"], []).append(document)
            if not any(said.get(key_of_documents(kind, cycle), 0) > self.healed_at for cycle in cycles.values()):
                return False
        return True

    def drain(self):
        for _ in range(4):
            books = self.books()
            must(books is not None, "spool info fails: " + self.run("spool", "info").stderr)
            if books["pending"] == 0:
                return
            self.run("once")

    def finish(self):
        """Looks, ends everything, and has the oracle judge."""
        evidence = self.evidence
        if self.healed_at is None:
            self.healed()
        if self.expects_fresh:
            since = FRESH_WITHIN - (time.time() - self.healed_at)
            wait_for(lambda: self.program.look() or self.is_fresh(), max(since, 1), "a fresh sample of each device on the server")
        if self.program and self.program.alive():
            self.stop()
        evidence.log = self.log()
        self.drain()
        for _, _, device in evidence.devices:
            device.stop()
        evidence.books = self.books()
        evidence.waiting = evidence.books["pending"]
        rejects = self.run("spool", "rejects", "--json")
        evidence.rejects = [json.loads(line) for line in rejects.stdout.splitlines()]
        evidence.metrics = documents_of(self.elastic, "metrics", self.name)
        evidence.events = documents_of(self.elastic, "events", self.name)
        verdict = judge(evidence)
        self.check_bounds()
        for look in self.last_checks:
            look()
        return verdict

    def finish_later(self, check):
        """A check of what the server holds in the end."""
        self.last_checks.append(check)

    def check_bounds(self):
        memory = max((program.most_memory for program in self.programs), default=0)
        descriptors = max((program.most_descriptors for program in self.programs), default=0)
        lines = self.log_lines()
        must(memory <= self.most_memory or is_sanitized(), "%d MiB of memory" % (memory // 1024))
        must(descriptors <= MOST_DESCRIPTORS, "%d descriptors" % descriptors)
        allowed = self.most_log_lines + 12 * len(self.programs)
        must(lines <= allowed, "%d lines in the log, more than %d:\n%s" % (lines, allowed, self.evidence.log[-1500:]))
