#!/usr/bin/env python3
"""50,000 documents into a real node, killed at ten random moments and resumed: each there once, with its values."""
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "program"))
from harness import BINARY, Scratch, check, pwlog, shared_node  # noqa: E402

COUNT = 50_000
KILLS = 10


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


def kill_at_random(scratch, archive, chance):
    """Starts a run and kills it; False if it was done before."""
    process = subprocess.Popen([BINARY, "--config", str(scratch.config), "backfill", "--rate", "4000", str(archive)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


def check_gaps(elastic, scratch):
    """Of what is there in part, --gaps sends exactly the other part."""
    elastic.clear()
    lines = [json.dumps(document) + "\n" for document in documents(12_000)]
    part, whole = scratch.path / "part.ndjson", scratch.path / "whole.ndjson"
    part.write_text("".join(line for number, line in enumerate(lines[:9_000]) if number % 7))
    whole.write_text("".join(lines))
    there = summary(scratch, part)["stored"]
    elastic.count()  # a search sees what was refreshed
    filled = summary(scratch, whole, "--gaps")
    check((filled["stored"], filled["skipped"]) == (len(lines) - there, there), "gaps: %s" % filled)
    check(elastic.count() == len(lines), "after filling the gaps %d documents are there" % elastic.count())
    again = summary(scratch, whole, "--gaps")
    check((again["stored"], again["duplicate"]) == (0, 0), "the gaps were filled, but: %s" % again)


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

    kills = sum(kill_at_random(scratch, archive, chance) for _ in range(KILLS))
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
    elastic.clear()
    scratch.remove()


main()
