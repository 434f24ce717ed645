#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures `pwlog backfill` against a floor and against other bulk clients, interleaved in one run.

  scripts/bench backfill [--documents N] [--runs N] [--sizes | --mapped] [--before PATH] [--node URL] [--peers DIR]
                         [--peer NAME=PATH]...
  scripts/bench backfill --fetch-peers DIR

Every client brings the same file of our documents to a sink that takes everything and answers every item
(scripts/bench_backfill_sink.cpp). The floor (scripts/bench_backfill_floor.cpp) posts ready bodies of 1 MB and looks
at nothing. Measured are the client's CPU time, user and system, and its peak memory; the table shows medians.
"pwlog fleet" brings as many documents of fifty racks.

--mapped     what is made of other programs' values, instead of the comparison: wide rows of a CSV, and line protocol
             field by field, out of a scratch file; against our own NDJSON, derived values included
--before PATH  the same by another pwlog, side by side
--sizes      how our cost grows from 10^4 to 10^7 documents, instead of the comparison
--node URL   into a real Elasticsearch instead of the sink; its powerwalker-* indices are deleted; documents a second
--peers DIR  where --fetch-peers put Python's and JavaScript's clients (pip and npm); rsyslog with omelasticsearch is
             used if it is installed (Debian: rsyslog, rsyslog-elasticsearch)
--peer       PATH is run as `PATH URL FILE INDEX` and has to end when all is sent

Exit status: 0, or 1 if a target is missed.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from benchmarks.processes import Processes, start, tidy_up_when_ended

HERE = pathlib.Path(__file__).resolve().parent
INDEX = "powerwalker-metrics-2026.09"
BODY_BYTES = 1_000_000
FLEET = 50  # racks, each with a PDU and an ATS
TARGETS = {"plain": 3.0, "gzip": 1.7}
TARGET_MEMORY_MB = 24
TARGET_NODE = 0.9
TARGETS_MAPPED = {"csv": 4.0, "influx": 8.0}

PYTHON_CLIENT = """
import json, sys
from elasticsearch import Elasticsearch, helpers
url, file, index = sys.argv[1:4]
def actions():
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            yield {"_op_type": "create", "_index": index, "_source": json.loads(line)}
client = Elasticsearch(url, http_compress=len(sys.argv) > 4)
for ok, item in helpers.streaming_bulk(client, actions(), chunk_size=1000, raise_on_error=False):
    assert ok or item["create"]["status"] == 409, item
"""

JAVASCRIPT_CLIENT = """
const { Client } = require('@elastic/elasticsearch')
const fs = require('fs')
const readline = require('readline')
const [url, file, index] = process.argv.slice(2)
const client = new Client({ node: url, compression: process.argv.length > 5 })
async function* documents () {
  for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) yield JSON.parse(line)
}
client.helpers.bulk({ datasource: documents(), onDocument () { return { create: { _index: index } } },
  flushBytes: 900 * 1024, concurrency: 2, onDrop (doc) { if (doc.status !== 409) throw new Error(JSON.stringify(doc)) } })
  .catch(error => { console.error(error); process.exit(1) })
"""

RSYSLOG = """
module(load="imfile")
module(load="omelasticsearch")
global(workDirectory="{work}" maxMessageSize="64k")
template(name="document" type="string" string="%msg%")
input(type="imfile" file="{file}" tag="bench" ruleset="send" reopenOnTruncate="off")
ruleset(name="send" queue.type="linkedList" queue.size="20000" queue.dequeueBatchSize="1000") {{
  action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" template="document" searchIndex="{index}"
         searchType="" esVersion.major="8" bulkmode="on" maxbytes="900k" writeoperation="create" bulkid="" dynbulkid="off"
         action.resumeRetryCount="-1")
}}
"""


def documents(count, racks=1):
    """Ten documents every ten seconds, as a PDU and an ATS make them, of each rack."""
    chance = random.Random(1)
    preamble = ('{"@timestamp":"%s","ecs":{"version":"8.11.0"},"agent":{"name":"pi4","type":"pwlog","version":"0.1.0"},'
                '"host":{"name":"pi4"},"labels":{"site":"home"},"device":{"id":"rack%d-%s","manufacturer":"PowerWalker",'
                '"model":{"name":"%s"}},"event":{"dataset":"powerwalker.%s","kind":"metric","module":"powerwalker",'
                '"duration":%d},"powerwalker":{')
    for number in range(count):
        second, rack = number // 10 // racks * 10, number // 10 % racks + 1
        # One month holds 259,200 cycles; what is beyond goes on in steps of a millisecond.
        when = "2026-09-%02dT%02d:%02d:%02d.%03dZ" % (second // 86400 % 30 + 1, second // 3600 % 24, second // 60 % 60,
                                                      second % 60, second // 2592000)
        outlet, duration = number % 10, 1100000000 + chance.randrange(10000000)
        if outlet == 0:
            yield preamble % (when, rack, "pdu", "RC-16A", "pdu", duration) + (
                '"pdu":{"input_v":%.1f,"input_hz":50.0,"input_a":2.4,"power_w":%d,"power_va":560,"power_factor":0.9643,'
                '"energy_kwh":1234.5,"interval_wh":1.5,"load_pct":0.15,"temperature_c":31.5,"alarm":'
                '{"low_input_voltage":false,"high_input_voltage":false,"low_input_current":false,'
                '"high_input_current":false,"aux1_power_fail":false,"aux2_power_fail":false}}}}\n'
                % (228 + chance.random() * 4, chance.randint(500, 600)))
        elif outlet == 9:
            yield preamble % (when, rack, "ats", "ATS", "ats", duration) + (
                '"ats":{"source1_v":%.1f,"source1_hz":50.0,"source2_v":229.8,"source2_hz":50.0,"active_source":1,'
                '"preferred_source":1,"load_pct":0.14,"output_a":2.2,"sync_angle_deg":1,"temperature_c":35.0,'
                '"redundant":true,"source1_voltage_bad":false,"source1_freq_bad":false,"source1_wave_bad":false,'
                '"source2_voltage_bad":false,"source2_freq_bad":false,"source2_wave_bad":false,"alarm":'
                '{"sync_bad":false,"aux1_power_fail":false,"aux2_power_fail":false,"short_circuit":false,'
                '"overload_fault":false,"overload":false,"fault_mode":false}}}}\n' % (228 + chance.random() * 4))
        else:
            watts = chance.randint(0, 200)
            yield preamble % (when, rack, "pdu", "RC-16A", "outlet", duration) + (
                '"outlet":{"number":%d,"name":"outlet %d","state":"on","state_code":1,"current_a":%.1f,"power_w":%d,'
                '"power_va":%d,"power_factor":0.95,"energy_kwh":123.4,"interval_wh":%.4f,"cost":0.00012,'
                '"load_pct":0.12}}}\n' % (outlet, outlet, watts / 230, watts, watts + 5, watts / 360))


def write_inputs(folder, count):
    """The documents, the same as ready bodies for the floor, and as many of a fleet."""
    action = '{"create":{"_index":"%s"}}\n' % INDEX
    with open(folder / "documents.ndjson", "w") as lines, open(folder / "bodies", "w") as bodies:
        body, size = [], 0
        for line in documents(count):
            lines.write(line)
            body += (action, line)
            size += len(action) + len(line)
            if size >= BODY_BYTES:
                bodies.write("%08d\n%s" % (size, "".join(body)))
                body, size = [], 0
        if body:
            bodies.write("%08d\n%s" % (size, "".join(body)))
    with open(folder / "fleet.ndjson", "w") as lines:
        lines.writelines(documents(count, FLEET))


CSV_MAP = "time = @timestamp\ndevice.id := rack1-pdu\nin_v = pdu.input_v\nin_a = pdu.input_a\nin_w = pdu.power_w\n" + (
    "in_va = pdu.power_va\nin_kwh = pdu.energy_kwh\n") + "".join(
    "out%d_%s = outlet%d.%s\n" % (outlet, column, outlet, field) for outlet in range(1, 9) for column, field in
    (("state", "state"), ("a", "current_a"), ("w", "power_w"), ("va", "power_va"), ("kwh", "energy_kwh")))
INFLUX_MAP = ("device.id := rack1-pdu\n[measurement=power]\noutlet = outlet.number\nwatts = outlet.power_w\n"
              "amperes = outlet.current_a\nkwh = outlet.energy_kwh\n")


def write_table(path, count):
    """A row for every nine documents."""
    chance = random.Random(2)
    counters = [1000.0] * 9
    with open(path, "w") as file:
        file.write(",".join(["time", "in_v", "in_a", "in_w", "in_va", "in_kwh"] + [
            "out%d_%s" % (outlet, name) for outlet in range(1, 9) for name in ("state", "a", "w", "va", "kwh")]) + "\n")
        for row in range(count // 9):
            watts = [chance.randint(0, 200) for _ in range(8)]
            for index, power in enumerate([sum(watts), *watts]):
                counters[index] += power / 360e3
            file.write("%s,%.1f,%.1f,%d,%d,%.1f" % (moment(row), 228 + chance.random() * 4, sum(watts) / 230, sum(watts),
                                                    sum(watts) + 30, counters[0]))
            file.write("".join(",on,%.1f,%d,%d,%.1f" % (power / 230, power, power + 5, counters[outlet])
                               for outlet, power in enumerate(watts, 1)) + "\n")


def write_lines(path, count):
    """Line protocol as it is exported: all of one field, then all of the next one, each with its own series in turn."""
    rows = count // 8
    with open(path, "w") as file:
        for field in ("watts", "amperes", "kwh"):
            for outlet in range(1, 9):
                chance = random.Random(outlet)
                counter = 100.0
                for row in range(rows):
                    watts = chance.randint(0, 200)
                    counter += watts / 360e3
                    value = {"watts": "%d" % watts, "amperes": "%.1f" % (watts / 230), "kwh": "%.1f" % counter}[field]
                    file.write("power,outlet=out%d %s=%s %d000000000\n" % (outlet, field, value, 1782864000 + row * 10))


def moment(row):
    """Every ten seconds of a year, then again a millisecond later."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1756684800 + row % 3000000 * 10)) + ".%03dZ" % (row // 3000000)


class Sink:
    def __init__(self, binary):
        self.process = start([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = "http://127.0.0.1:" + self.process.stdout.readline().strip()

    def documents(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline().split()[1])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Node:
    def __init__(self, url):
        self.url = url

    def call(self, method, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for pause in range(10):
            try:
                with opener.open(urllib.request.Request(self.url + path, method=method), timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise
                time.sleep(pause)  # its memory is full of what it was just sent
        raise RuntimeError("%s has too much to do for too long" % self.url)

    def clear(self):
        for row in self.call("GET", "/_cat/indices/powerwalker-*?format=json&h=index"):
            self.call("DELETE", "/" + row["index"])

    def documents(self):
        self.call("POST", "/powerwalker-*/_refresh")
        return self.call("GET", "/powerwalker-*/_count")["count"]


def measured(launcher, command):
    """CPU seconds, peak memory in MB and seconds by the clock of a command that has to succeed."""
    with Processes() as processes:
        process = processes.start([str(part) for part in (launcher, *command)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, errors="replace")
        _, said = process.communicate()
    if process.returncode != 0:
        raise RuntimeError("%s ended with %d: %s" % (command[0], process.returncode, said.strip()[-400:]))
    cpu, peak, took = said.splitlines()[-1].split()
    return float(cpu), float(peak) / 1024, float(took)


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.file, self.fleet = folder / "documents.ndjson", folder / "fleet.ndjson"
        self.clients = {}

    def build(self):
        for name in ("floor", "sink", "measure"):
            subprocess.run(["g++", "-O2", "-std=c++20", "-o", self.folder / name, HERE / ("bench_backfill_%s.cpp" % name),
                            "-lcurl", "-lz", "-pthread"], check=True)

    def measured(self, command):
        return measured(self.folder / "measure", command)

    def config(self, url, gzip):
        path = self.folder / ("gzip.toml" if gzip else "plain.toml")
        path.write_text('[elasticsearch]\nhosts = ["%s"]\ngzip = %s\n[[pdu]]\nid = "rack1-pdu"\nport = "/dev/null"\n'
                        % (url, "true" if gzip else "false"))
        return path

    def pwlog(self, url, gzip, file=None):
        return [self.options.pwlog, "--config", self.config(url, gzip), "backfill", "--fresh", file or self.file]

    def add_clients(self, url):
        add = self.clients.__setitem__
        for kind in ("plain", "gzip"):
            packed = [kind] if kind == "gzip" else []
            add("floor " + kind, lambda p=packed: self.measured([self.folder / "floor", url, self.folder / "bodies", 2, *p]))
            add("pwlog " + kind, lambda k=kind: self.measured(self.pwlog(url, k == "gzip")))
            self.add_peers(url, kind, packed)
        add("pwlog fleet", lambda: self.measured(self.pwlog(url, False, self.fleet)))
        if shutil.which("rsyslogd") and self.options.node is None:
            add("rsyslog plain", lambda: self.rsyslog(url))
        for peer in self.options.peer:
            name, _, path = peer.partition("=")
            add(name, lambda p=path: self.measured([p, url, self.file, INDEX]))

    def add_peers(self, url, kind, packed):
        peers = self.options.peers
        if peers and (peers / "python/bin/python").exists():
            python = self.folder / "client.py"
            python.write_text(PYTHON_CLIENT)
            self.clients["python " + kind] = lambda: self.measured([peers / "python/bin/python", python, url, self.file,
                                                                    INDEX, *packed])
        if peers and (peers / "node_modules").exists():
            javascript = peers / "client.js"
            javascript.write_text(JAVASCRIPT_CLIENT)
            self.clients["javascript " + kind] = lambda: self.measured(["node", javascript, url, self.file, INDEX,
                                                                        *packed])

    def rsyslog(self, url):
        """It never ends by itself: it is stopped once the sink has everything."""
        work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        config = work / "rsyslog.conf"
        config.write_text(RSYSLOG.format(work=work, file=self.file, port=url.rsplit(":", 1)[1], index=INDEX))
        process = start([self.folder / "measure", "rsyslogd", "-n", "-f", config, "-i", work / "pid"],
                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        got, last_news, begin = 0, time.monotonic(), time.monotonic()
        while got < self.options.documents and time.monotonic() - last_news < 30 and process.poll() is None:
            more = self.target.documents()
            got += more
            last_news = time.monotonic() if more else last_news
            time.sleep(0.05)
        took = time.monotonic() - begin
        os.kill(int((work / "pid").read_text()), signal.SIGTERM)
        cpu, peak, _ = process.communicate()[1].splitlines()[-1].split()
        if got < self.options.documents:
            raise RuntimeError("rsyslog sent %d of %d documents" % (got, self.options.documents))
        return float(cpu), float(peak) / 1024, took

    def run(self):
        if self.options.node:
            subprocess.run([self.options.pwlog, "--config", self.config(self.options.node, True), "setup"],
                           check=True, stdout=subprocess.DEVNULL)
        results = {name: [] for name in self.clients}
        for _ in range(self.options.runs):
            for name, client in self.clients.items():
                if self.options.node:
                    self.target.clear()
                try:
                    result = client()
                except RuntimeError as error:
                    print("left out:", error, file=sys.stderr)
                    continue
                if not name.startswith("rsyslog"):
                    got = self.target.documents()
                    if got != self.options.documents:
                        raise RuntimeError("%s brought %d of %d documents" % (name, got, self.options.documents))
                results[name].append(result)
        return {name: [statistics.median(values) for values in zip(*rows)] for name, rows in results.items() if rows}


def report(options, results):
    """The table; true if every target is met."""
    met = all("pwlog " + kind in results for kind in TARGETS)
    print("%-20s %10s %10s %10s %12s" % ("client", "CPU s/10^6", "x floor", "peak MB", "documents/s"))
    million = options.documents / 1e6
    for name, (cpu, memory, took) in sorted(results.items(), key=lambda row: row[1][0]):
        kind = "gzip" if name.endswith("gzip") else "plain"
        floor_cpu, _, floor_took = results["floor " + kind]
        print("%-20s %10.2f %10.2f %10.1f %12.0f" % (name, cpu / million, cpu / floor_cpu, memory,
                                                     options.documents / took))
        if name != "pwlog " + kind:
            continue
        if options.node:
            met = met and floor_took / took >= TARGET_NODE
        else:
            met = met and cpu / floor_cpu <= TARGETS[kind] and memory <= TARGET_MEMORY_MB
    if options.node:
        print("target: pwlog at least %.1f of the floor's documents/s: %s" % (TARGET_NODE, "met" if met else "MISSED"))
    else:
        print("targets: CPU at most %.1f x (plain) and %.1f x (gzip) the floor, at most %d MB: %s"
              % (TARGETS["plain"], TARGETS["gzip"], TARGET_MEMORY_MB, "met" if met else "MISSED"))
    return met


def report_sizes(options, folder):
    """How our cost grows; true if memory does not."""
    bench = Bench(options, folder)
    bench.build()
    sink = Sink(folder / "sink")
    met = True
    print("%-12s %10s %14s %10s %12s" % ("documents", "CPU s", "CPU s/10^6", "peak MB", "documents/s"))
    for exponent in range(4, 8):
        count = 10 ** exponent
        with open(bench.file, "w") as lines:
            lines.writelines(documents(count))
        rows = [bench.measured(bench.pwlog(sink.url, True)) for _ in range(options.runs if exponent < 7 else 1)]
        cpu, memory, took = [statistics.median(values) for values in zip(*rows)]
        met = met and memory <= TARGET_MEMORY_MB
        print("%-12d %10.2f %14.2f %10.1f %12.0f" % (count, cpu, cpu / count * 1e6, memory, count / took))
    sink.close()
    return met


def report_mapped(options, folder):
    """CPU time a document of what is made of other programs' values, against that of our own NDJSON; true if the targets
    are met."""
    bench = Bench(options, folder)
    bench.build()
    sink = Sink(folder / "sink")
    with open(bench.file, "w") as lines:
        lines.writelines(documents(options.documents))
    write_table(folder / "wide.csv", options.documents)
    write_lines(folder / "fields.lp", options.documents)
    (folder / "csv.map").write_text(CSV_MAP)
    (folder / "influx.map").write_text(INFLUX_MAP)
    programs = {"": options.pwlog, **({"before: ": options.before} if options.before else {})}
    kinds = {"ndjson": [bench.file], "csv": ["--map-file", folder / "csv.map", folder / "wide.csv"],
             "influx": ["--map-file", folder / "influx.map", folder / "fields.lp"]}
    rows = {}
    for _ in range(options.runs):
        for kind, arguments in kinds.items():
            for name, program in programs.items():
                result = bench.measured([program, "--config", bench.config(sink.url, False), "backfill", "--fresh", *arguments])
                rows.setdefault(name + kind, []).append((*result, sink.documents()))
    sink.close()
    figures = {name: [statistics.median(values) for values in zip(*several)] for name, several in rows.items()}
    met = True
    print("%-16s %10s %12s %10s %12s" % ("source", "CPU s/10^6", "x ndjson", "peak MB", "documents"))
    for name, (cpu, memory, _, count) in figures.items():
        own = figures["before: ndjson" if name.startswith("before") else "ndjson"]
        ratio = cpu / count / (own[0] / own[3])
        print("%-16s %10.2f %12.2f %10.1f %12d" % (name, cpu / count * 1e6, ratio, memory, count))
        met = met and (name.startswith("before") or (memory <= TARGET_MEMORY_MB and ratio <= TARGETS_MAPPED.get(name, 1.0)))
    print("targets: CPU a document at most %.0f x (csv) and %.0f x (influx) that of ndjson, at most %d MB: %s"
          % (TARGETS_MAPPED["csv"], TARGETS_MAPPED["influx"], TARGET_MEMORY_MB, "met" if met else "MISSED"))
    return met


def fetch_peers(folder):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "python"], check=True)
    subprocess.run([folder / "python/bin/pip", "install", "-q", "elasticsearch>=8,<9"], check=True)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder,
                    "@elastic/elasticsearch@8"], check=True)


def main():
    tidy_up_when_ended()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--mapped", action="store_true")
    parser.add_argument("--before")
    parser.add_argument("--node")
    parser.add_argument("--peers", type=pathlib.Path)
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--fetch-peers", type=pathlib.Path)
    parser.add_argument("--pwlog", default=HERE.parent / "build/release/src/cli/pwlog")
    options = parser.parse_args()
    if options.fetch_peers:
        fetch_peers(options.fetch_peers.resolve())
        return 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pwlog-bench-"))
    try:
        if options.sizes:
            return 0 if report_sizes(options, folder) else 1
        if options.mapped:
            return 0 if report_mapped(options, folder) else 1
        bench = Bench(options, folder)
        bench.build()
        write_inputs(folder, options.documents)
        bench.target = Node(options.node) if options.node else Sink(folder / "sink")
        bench.add_clients(bench.target.url)
        met = report(options, bench.run())
        if not options.node:
            bench.target.close()
        return 0 if met else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
