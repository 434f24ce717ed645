# SPDX-License-Identifier: MIT
"""What the tests of the whole program share: the program, its configuration, and Elasticsearch's own word."""
import atexit
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

BINARY = os.environ["PWLOG_BINARY"]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Between a device's last byte and the program's stamp, on a machine that is busy with other things. Every answer
# has values of its own, so that a wide window proves no less.
SLACK = 1.0
DATASETS = ("powerwalker.pdu", "powerwalker.outlet", "powerwalker.ats")


def check(condition, message):
    if not condition:
        print("FAILED:", message, file=sys.stderr)
        sys.exit(1)


def wait_until(condition, seconds, what):
    """Waits for the event; a deadline is a failure, not a pace."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    check(False, "%s: not within %s s" % (what, seconds))


def open_files(process):
    """What the process has open, as /proc names it; what it closes while we look is none."""
    found = set()
    try:
        for entry in os.scandir("/proc/%d/fd" % process.pid):
            try:
                found.add(os.readlink(entry.path))
            except FileNotFoundError:
                pass
    except FileNotFoundError:  # the process has ended
        pass
    return found


class Elasticsearch:
    def __init__(self, url):
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with self.opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")

    def clear(self):
        for index in ("powerwalker-metrics-*", "powerwalker-events-*"):
            for row in self.call("GET", "/_cat/indices/%s?format=json&h=index" % index):
                self.call("DELETE", "/" + row["index"])

    def remove_templates(self):
        for name in ("powerwalker-metrics", "powerwalker-events"):
            try:
                self.call("DELETE", "/_index_template/" + name)
            except OSError:
                pass

    def documents(self, dataset=None, family="metrics"):
        """All of them, in order of time, by search_after."""
        path = "/powerwalker-%s-*/_search?allow_no_indices=true&ignore_unavailable=true" % family
        self.call("POST", "/powerwalker-%s-*/_refresh?allow_no_indices=true&ignore_unavailable=true" % family)
        query = {"term": {"event.dataset": dataset}} if dataset else {"match_all": {}}
        found, after = [], None
        while True:
            body = {"size": 5000, "query": query, "sort": ["@timestamp", "_doc"]}
            if after:
                body["search_after"] = after
            hits = self.call("POST", path, body)["hits"]["hits"]
            found += [hit["_source"] for hit in hits]
            if len(hits) < body["size"]:  # a merge before one more page would bring the last ones again
                return found
            after = hits[-1]["sort"]

    def count(self, dataset=None):
        try:
            self.call("POST", "/powerwalker-metrics-*/_refresh?allow_no_indices=true")
            query = {"query": {"term": {"event.dataset": dataset}}} if dataset else None
            return self.call("POST", "/powerwalker-metrics-*/_count?allow_no_indices=true", query)["count"]
        except (urllib.error.URLError, OSError):
            return -1


def shared_node():
    """The node that ctest started for the tests."""
    return Elasticsearch(pathlib.Path(os.environ["PWLOG_TEST_NODE_FILE"]).read_text().strip())


class OwnNode:
    """A node that a test may kill and bring back with its data on its port."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0
        self.start()

    def start(self):
        out = subprocess.run([SOURCE / "scripts/es-node", "start", "--dir", self.folder, "--port", str(self.port),
                              "--with", str(os.getpid())], check=True, stdout=subprocess.PIPE, text=True).stdout
        values = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
        self.url, self.pid = values["url"], int(values["pid"])
        self.port = int(self.url.rsplit(":", 1)[1].rstrip("/"))
        self.elastic = Elasticsearch(self.url)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

        def gone():
            try:
                os.kill(self.pid, 0)
                state = pathlib.Path("/proc/%d/stat" % self.pid).read_text().rsplit(")", 1)[1].split()[0]
                return state == "Z"
            except (ProcessLookupError, FileNotFoundError):
                return True
        wait_until(gone, 30, "the killed node to be gone")

    def stop(self):
        subprocess.run([SOURCE / "scripts/es-node", "stop", "--dir", self.folder], check=False)


class Scratch:
    """A folder with a configuration and a spool of its own."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="pwlog-program-"))
        self.config = self.path / "pwlog.toml"
        atexit.register(self.remove)  # of a test that fails, too; behind the end of its processes

    def write_config(self, url, pdu=None, ats=None, interval="2s", more=""):
        text = 'interval = "%s"\ncontrol_socket = "%s"\n%s\n' % (interval, self.path / "pwlog.sock", more)
        text += '[elasticsearch]\nhosts = ["%s"]\n' % url
        text += '[spool]\npath = "%s"\n[labels]\nsite = "test"\n' % (self.path / "spool")
        if pdu:
            text += '[[pdu]]\nid = "pdu1"\nport = "%s"\noutlets = ["nas","switch","","","","","","printer"]\n' % pdu
            text += 'tariff = 0.31\n'
        if ats:
            text += '[[ats]]\nid = "ats1"\nport = "%s"\n' % ats
        self.config.write_text(text)
        self.config.chmod(0o600)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def pwlog(*arguments, timeout=60, **more):
    """Runs a command to its end."""
    return subprocess.run([BINARY, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL, check=False, **more)


class Daemon:
    """`pwlog run`, its log in a file."""

    def __init__(self, scratch, *arguments, env=None):
        self.log_file = scratch.path / "run.log"
        self.stream = open(self.log_file, "ab")
        self.process = subprocess.Popen([BINARY, "run", "--as-root", "--config", str(scratch.config), *arguments],
                                        stdout=self.stream, stderr=self.stream, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **(env or {})})
        # One left behind by a test that fails would look for its ports for ever, and a PTY's number is soon another's.
        atexit.register(self.process.kill)

    def log(self):
        return self.log_file.read_text(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, within=10):
        """SIGTERM; returns how long it took and the exit status."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            print(self.log(), file=sys.stderr)
            check(False, "SIGTERM did not end pwlog within %s s" % within)
        return time.monotonic() - begin, self.process.returncode


def parse_time(text):
    import datetime
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(
        tzinfo=datetime.timezone.utc).timestamp()


def near(value, text):
    return value is not None and abs(value - float(text)) < 1e-9


class Truth:
    """Holds stored documents against what the devices say they have said."""

    def __init__(self, pdu, ats):
        self.pdu, self.ats = pdu, ats
        self.problems = []

    def whole(self, device, query, begin, end):
        return [payload for when, asked, payload, fault in device.said
                if asked == query and fault in (None, "noise", "nul", "double", "late") and begin <= when <= end]

    def expect(self, matches, what):
        if not matches:
            self.problems.append(what)

    def check_pdu(self, cycle, inputs, outlets):
        """`cycle`: @timestamp -> the nine documents of one cycle."""
        begin = parse_time(cycle)
        end = begin + 30
        numbers = sorted(doc["powerwalker"]["outlet"]["number"] for doc in outlets)
        self.expect(numbers == list(range(1, 9)) and len(inputs) == 1, "%s has outlets %s" % (cycle, numbers))
        rows = [doc["powerwalker"]["pdu"] for doc in inputs]
        rows += [doc["powerwalker"]["outlet"] for doc in sorted(outlets, key=lambda d: d["powerwalker"]["outlet"]["number"])]
        status = [payload.split() for payload in self.whole(self.pdu, "QGS", begin - SLACK, begin + SLACK)]
        self.expect(any(near(rows[0].get("input_v"), s[1]) and near(rows[0].get("input_hz"), s[2])
                        and near(rows[0].get("input_a"), s[3]) and near(rows[0].get("temperature_c"), s[12])
                        and all(near(rows[i + 1].get("current_a"), s[4 + i]) for i in range(8))
                        and all(rows[i + 1].get("state_code") == int(s[0][8 + i]) for i in range(8))
                        for s in status), "%s: QGS values nobody said: %s" % (cycle, rows[0]))
        for query, field in (("QPW", "power_w"), ("QPVA", "power_va"), ("QEC", "energy_kwh")):
            said = [payload.split() for payload in self.whole(self.pdu, query, begin - SLACK, end)]
            self.expect(any(all(near(rows[i].get(field), s[i]) for i in range(9)) for s in said),
                        "%s: %s nobody said: %s" % (cycle, field, [row.get(field) for row in rows]))

    def check_ats(self, document):
        begin = parse_time(document["@timestamp"])
        row = document["powerwalker"]["ats"]
        said = [payload.split() for payload in self.whole(self.ats, "QATS", begin - SLACK, begin + SLACK)]
        fields = ["source1_v", "source1_hz", "source2_v", "source2_hz", None, "output_a", "sync_angle_deg", "temperature_c"]
        self.expect(any(all(field is None or near(row.get(field), s[i]) for i, field in enumerate(fields))
                        and abs(row.get("load_pct", -1) * 100 - float(s[4])) < 1e-6 for s in said),
                    "%s: QATS values nobody said: %s" % (document["@timestamp"], row))
        bits = self.whole(self.ats, "QAS", begin - SLACK, begin + 30)
        self.expect(any(row["alarm"]["overload"] == (b[14] == "1") for b in bits),
                    "%s: QAS bits nobody said" % document["@timestamp"])

    def check_all(self, elastic):
        """Every stored document; returns the cycles of PDU and ATS."""
        inputs, outlets, ats = (elastic.documents(dataset) for dataset in DATASETS)
        cycles = {}
        for document in inputs + outlets:
            cycles.setdefault(document["@timestamp"], ([], []))
            kind = 0 if document["event"]["dataset"] == DATASETS[0] else 1
            cycles[document["@timestamp"]][kind].append(document)
        for when, (one, eight) in cycles.items():
            self.check_pdu(when, one, eight)
        for document in ats:
            self.check_ats(document)
        check(len({document["@timestamp"] for document in ats}) == len(ats), "an ATS cycle is there twice")
        for problem in self.problems[:10]:
            print(problem, file=sys.stderr)
        check(not self.problems, "%d wrong document(s)" % len(self.problems))
        return sorted(cycles), [document["@timestamp"] for document in ats]
