#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""History beside what an index has already, with a real node: written over only on request, and indices that keep
their times differently meet."""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "program"))
from harness import Scratch, check, pwlog, shared_node  # noqa: E402

elastic = shared_node()
elastic.clear()
scratch = Scratch()
scratch.write_config(elastic.url, pdu="/dev/null")
os.environ["XDG_STATE_HOME"] = str(scratch.path / "state")
done = pwlog("--config", scratch.config, "setup")
check(done.returncode == 0, "setup: " + done.stderr)


def backfill(*arguments, status=0):
    result = pwlog("--config", scratch.config, "backfill", "--json", *arguments, timeout=300)
    check(result.returncode == status, "%s ended with %d: %s" % (arguments, result.returncode, result.stderr))
    return json.loads(result.stdout) if result.stdout else result.stderr


def table(name, rows):
    path = scratch.path / name
    path.write_text("time,power\n" + "".join("2026-07-01T00:%02d:%02dZ,%d\n" % (i // 6, i % 6 * 10, watts)
                                             for i, watts in enumerate(rows)))
    return path


def watts():
    return [document["powerwalker"]["pdu"]["power_w"] for document in elastic.documents("powerwalker.pdu")]


# What is there stays, and that it differs is told; --replace writes it over, and only it.
MAP = ("--map", "time=@timestamp", "--map", "power=pdu.power_w")
first = table("first.csv", [100] * 40)
second = table("second.csv", [100] * 30 + [150] * 20)
check(backfill(*MAP, first)["stored"] == 40, "the first run")
kept = backfill(*MAP, second)
source = kept["sources"][0]
check((kept["stored"], kept["duplicate"], kept["replaced"]) == (10, 40, 0), "without --replace: %s" % kept)
check((source["there_already_compared"], source["there_already_different"]) == (40, 10), "compared: %s" % source)
check(sorted(watts()) == [100] * 40 + [150] * 10, "without --replace something was written over: %s" % watts())
replaced = backfill("--replace", *MAP, second)
check((replaced["stored"], replaced["replaced"]) == (50, 50), "with --replace: %s" % replaced)
check(watts() == [100] * 30 + [150] * 20, "with --replace: %s" % watts())
backfill("--replace", "--gaps", *MAP, second, status=2)

# Two indices of one pattern, of which one counts milliseconds and the other nanoseconds: values of one time meet.
for index, kind, name in (("old-a", "date", "power"), ("old-b", "date_nanos", "volts")):
    elastic.call("PUT", "/" + index, {"mappings": {"properties": {"time": {"type": kind}}}})
    for i in range(30):
        elastic.call("POST", "/%s/_doc" % index, {"time": "2026-07-02T00:%02d:%02d.500Z" % (i // 6, i % 6 * 10),
                                                  name: 200 + i})
    elastic.call("POST", "/%s/_refresh" % index)
try:
    told = backfill(*MAP, "--map", "volts=pdu.input_v", elastic.url + "/old-a,old-b")
    check((told["read"], told["stored"], told["rejected"]) == (30, 30, 0), "of date and date_nanos: %s" % told)
finally:
    for index in ("old-a", "old-b"):
        elastic.call("DELETE", "/" + index)
met = [document["powerwalker"]["pdu"] for document in elastic.documents("powerwalker.pdu")
       if document["@timestamp"].startswith("2026-07-02")]
check(all(one["power_w"] == one["input_v"] for one in met), "date and date_nanos: %s" % met)
elastic.clear()
print("all as it should be")
