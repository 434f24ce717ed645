#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Documents into a real node, out of a file and out of another index, killed at random moments and resumed: each there
once, with its values."""
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "program"))
from harness import BINARY, Scratch, check, pwlog, shared_node, wait_until  # noqa: E402

COUNT = 50_000
KILLS = 10
FOREIGN_COUNT = 5_000
FOREIGN_MAP = """
when         = @timestamp
unit.serial  = device.id
[what=socket]
socket       = outlet.number
load.kw      = outlet.power_w kW
load.ma      = outlet.current_a mA
[what=inlet]
load.kw      = pdu.power_w kW
volts        = pdu.input_v
"""


def documents(count):
    """What a PDU and an ATS leave in an archive, ten documents every ten seconds, across the end of a month."""
    chance = random.Random(5)
    start = datetime.datetime(2026, 8, 31, 17, 0, tzinfo=datetime.timezone.utc)
    for number in range(count):
        when = start + datetime.timedelta(seconds=number // 10 * 10, milliseconds=number // 10 % 7)
        outlet = number % 10
        dataset = "ats" if outlet == 9 else "outlet" if outlet else "pdu"
        document = {"@timestamp": when.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (when.microsecond // 1000),
                    "agent": {"name": "test", "type": "pwlog"},
                    "device": {"id": "backfill-" + ("ats" if dataset == "ats" else "pdu")},
                    "event": {"dataset": "powerwalker." + dataset, "kind": "metric", "module": "powerwalker"}}
        if dataset == "pdu":
            values = {"input_v": chance.randint(2200, 2400) / 10, "power_w": chance.randint(0, 3000)}
        elif dataset == "outlet":
            values = {"number": outlet, "state": "on", "power_w": chance.randint(0, 400),
                      "energy_kwh": chance.randint(0, 100000) / 10}
        else:
            values = {"source1_v": chance.randint(2200, 2400) / 10, "redundant": chance.random() < 0.9}
        document["powerwalker"] = {dataset: values}
        yield document


def key(document):
    outlet = document["powerwalker"].get("outlet", {}).get("number", 0)
    return document["@timestamp"], document["event"]["dataset"], outlet


def plain(value):
    """Without what an index with synthetic source changes: nothing but the order of names."""
    return json.dumps(value, sort_keys=True)


def slow_run(scratch, archive):
    return [BINARY, "--config", str(scratch.config), "backfill", "--rate", "3000", str(archive)]


def kill_at_random(scratch, archive, chance):
    """Starts a run and kills it; False if it was done before."""
    process = subprocess.Popen(slow_run(scratch, archive), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        process.wait(chance.uniform(0.05, 2.2))
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def summary(scratch, archive, *options):
    done = pwlog("--config", scratch.config, "backfill", "--json", *options, archive, timeout=300)
    check(done.returncode == 0, "backfill ended with %d: %s" % (done.returncode, done.stderr))
    numbers = json.loads(done.stdout)
    parts = sum(numbers[name] for name in ("stored", "duplicate", "rejected", "skipped"))
    check(numbers["read"] == parts, "the summary does not add up: %s" % done.stdout)
    return numbers


def searches(elastic):
    """How many searches the indices of measured values have answered."""
    return elastic.call("GET", "/powerwalker-metrics-*/_stats/search")["_all"]["primaries"]["search"]["query_total"]


def check_gaps(elastic, scratch):
    """Of what is there in part, --gaps sends exactly the other part, and asks once for each device and 10,000 documents."""
    elastic.clear()
    lines = [json.dumps(document) + "\n" for document in documents(12_000)]
    part, whole = scratch.path / "part.ndjson", scratch.path / "whole.ndjson"
    part.write_text("".join(line for number, line in enumerate(lines[:9_000]) if number % 7))
    whole.write_text("".join(lines))
    there = summary(scratch, part)["stored"]
    elastic.count()  # a search sees what was refreshed
    before = searches(elastic)
    filled = summary(scratch, whole, "--gaps")
    check(searches(elastic) - before == 2, "it asked %d times for a PDU and an ATS" % (searches(elastic) - before))
    check((filled["stored"], filled["skipped"]) == (len(lines) - there, there), "gaps: %s" % filled)
    check(elastic.count() == len(lines), "after filling the gaps %d documents are there" % elastic.count())
    before = searches(elastic)
    again = summary(scratch, whole, "--gaps")
    check((again["stored"], again["duplicate"]) == (0, 0), "the gaps were filled, but: %s" % again)
    check(searches(elastic) - before == 3, "it asked %d times for 10,800 and 1,200 documents" % (searches(elastic) - before))


def foreign_documents(count):
    """What another program kept: nine documents a minute, with names and units of its own."""
    chance = random.Random(6)
    start = datetime.datetime(2026, 5, 31, 20, 0, tzinfo=datetime.timezone.utc)
    for number in range(count):
        when = start + datetime.timedelta(minutes=number // 9)
        watts, socket = chance.randint(0, 3000), number % 9
        document = {"when": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "unit": {"serial": "old-%d" % (number // 9 % 2)},
                    "load": {"kw": watts / 1000}, "what": "socket" if socket else "inlet"}
        if socket:
            document.update(socket="out%d" % socket, **{"load.ma": watts * 4})
        else:
            document["volts"] = [chance.randint(2200, 2400) / 10]
        yield document


def foreign_key(document):
    number = document.get("socket", "out0")[3:]
    return document["when"][:-1] + ".000Z", document["unit"]["serial"], int(number)


def put_foreign(elastic):
    for index, fields in (("old-power-1", {"when": {"type": "date"}}), ("old-power-2", {"when": {"type": "date"}})):
        remove_foreign(elastic, index)
        elastic.call("PUT", "/" + index, {"settings": {"number_of_shards": 2}, "mappings": {"properties": fields}})
    lines = []
    for number, document in enumerate(foreign_documents(FOREIGN_COUNT)):
        lines += [json.dumps({"index": {"_index": "old-power-%d" % (number % 2 + 1)}}), json.dumps(document)]
    request = urllib.request.Request(elastic.url + "/_bulk?refresh=true", data=("\n".join(lines) + "\n").encode(),
                                     headers={"Content-Type": "application/x-ndjson"})
    with elastic.opener.open(request, timeout=60) as answer:
        check(not json.load(answer)["errors"], "the foreign documents were not taken")


def remove_foreign(elastic, index):
    try:
        elastic.call("DELETE", "/" + index)
    except urllib.error.HTTPError as error:
        check(error.code == 404, "DELETE %s: %s" % (index, error))


def kill_when_at_work(command, state_folder, pause):
    """Starts a run, kills it after it said once how far it is; False if it was done before."""
    begin = time.time_ns()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True)
    wait_until(lambda: process.poll() is not None or any(file.stat().st_mtime_ns > begin for file in
                                                         state_folder.glob("*.pwlog-state")), 120, "a state file")
    time.sleep(pause)
    ended = process.poll()
    process.kill()
    said = process.communicate()[1]
    if ended is not None:
        print("it ended with %d by itself: %s" % (ended, said), file=sys.stderr)
    return ended is None


def open_searches(elastic):
    nodes = elastic.call("GET", "/_nodes/stats/indices/search")["nodes"].values()
    return sum(node["indices"]["search"]["open_contexts"] for node in nodes)


def check_index(elastic, scratch, chance):
    """5,000 foreign documents out of two indices, killed three times, resumed, and brought again."""
    elastic.clear()
    put_foreign(elastic)
    mapping = scratch.path / "foreign.map"
    mapping.write_text(FOREIGN_MAP)
    source = elastic.url + "/old-power-*"
    os.environ["XDG_STATE_HOME"] = str(scratch.path / "state")
    state_folder = scratch.path / "state/pwlog"
    state_folder.mkdir(parents=True)
    command = [BINARY, "--config", str(scratch.config), "backfill", "--no-events", "--map-file", str(mapping), source]
    kills = sum(kill_when_at_work(command + ["--rate", "150"], state_folder, chance.uniform(0, 1)) for _ in range(3))
    check(kills == 3, "only %d of 3 runs could be killed" % kills)
    resumed = summary(scratch, source, "--no-events", "--map-file", mapping)
    check(resumed["read"] == FOREIGN_COUNT, "of an index %d documents were read: %s" % (resumed["read"], resumed))
    check(resumed["sources"][0]["resumed_behind"] > 0, "reading the index did not go on: %s" % resumed)
    searches = open_searches(elastic)  # a run that is killed before it has noted anything leaves one

    stored = {}
    for document in elastic.documents():
        where = document["@timestamp"], document["device"]["id"], key(document)[2]
        check(where not in stored, "twice: %s" % (where,))
        stored[where] = document["powerwalker"]
    check(len(stored) == FOREIGN_COUNT, "%d documents came out of the index" % len(stored))
    for document in foreign_documents(FOREIGN_COUNT):
        found = stored.get(foreign_key(document), {})
        watts = round(document["load"]["kw"] * 1000)
        part = found.get("outlet" if document["what"] == "socket" else "pdu", {})
        right = part.get("power_w") == watts and (
            part.get("input_v") == document["volts"][0] if document["what"] == "inlet"
            else part.get("current_a") == watts * 4 / 1000)
        check(right, "%s became %s" % (document, found))

    again = summary(scratch, source, "--no-events", "--map-file", mapping)
    check((again["stored"], again["duplicate"]) == (0, FOREIGN_COUNT), "out of the index again: %s" % again)
    own = summary(scratch, elastic.url + "/powerwalker-metrics-2026.0*")
    check((own["stored"], own["duplicate"]) == (0, FOREIGN_COUNT), "our own documents, read back: %s" % own)
    check(open_searches(elastic) == searches, "a point in time was left open")
    check(not list(state_folder.glob("*")), "the state folder is not empty: %s" % list(state_folder.glob("*")))
    for index in ("old-power-1", "old-power-2"):
        remove_foreign(elastic, index)


def main():
    seed = int(os.environ.get("PWLOG_TEST_SEED", time.time_ns() % 1_000_000))
    print("seed", seed)
    chance = random.Random(seed)
    elastic = shared_node()
    elastic.clear()
    scratch = Scratch()
    scratch.write_config(elastic.url, pdu="/dev/null")
    done = pwlog("--config", scratch.config, "setup")
    check(done.returncode == 0, "setup: " + done.stderr)
    archive = scratch.path / "archive.ndjson"
    with open(archive, "w", encoding="utf-8") as file:
        for document in documents(COUNT):
            file.write(json.dumps(document) + "\n")

    # On a busy machine a random moment is mostly one before the first document; so every other kill waits for work.
    kills = sum(kill_when_at_work(slow_run(scratch, archive), scratch.path, chance.uniform(0, 1)) if number % 2
                else kill_at_random(scratch, archive, chance) for number in range(KILLS))
    check(kills == KILLS, "only %d of %d runs could be killed" % (kills, KILLS))
    print("at the last kill", elastic.count(), "documents were stored")
    resumed = summary(scratch, archive)
    check(resumed["read"] == COUNT, "read %d of %d" % (resumed["read"], COUNT))
    check(resumed["sources"][0]["resumed_behind"] > 0, "the last run did not go on where the one before ended")

    stored = {}
    for document in elastic.documents():
        check(key(document) not in stored, "twice: %s" % (key(document),))
        stored[key(document)] = document
    check(len(stored) == COUNT, "%d documents are stored, not %d" % (len(stored), COUNT))
    for document in documents(COUNT):
        found = stored.get(key(document))
        check(found is not None and plain(found) == plain(document), "sent %s, stored %s" % (document, found))

    again = summary(scratch, archive)
    check(again["stored"] == 0 and again["duplicate"] == COUNT, "the second whole run stored something: %s" % again)
    check(elastic.count() == COUNT, "the second whole run changed something")
    check_gaps(elastic, scratch)
    check_index(elastic, scratch, chance)
    elastic.clear()
    scratch.remove()


main()
