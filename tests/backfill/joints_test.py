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
scratch.write_config(elastic.url, pdu="/dev/null", interval="10s")
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
check(watts() == [100] * 40, "what the first run stored")  # refreshed: what is compared is what a search shows
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

# What was read live before and beside a history: the first interval has its energy, an alarm that was on ends the matter
# that it began, and what live data has told and counted is not told and counted again.
def moment(second):
    return "2026-07-03T%02d:%02d:%02d.000Z" % (second // 3600, second // 60 % 60, second % 60)


def live(second, power, low, **energy):
    return {"@timestamp": moment(second), "device": {"id": "pdu1"},
            "event": {"dataset": "powerwalker.pdu", "kind": "metric", "module": "powerwalker", "duration": 500000000},
            "powerwalker": {"pdu": {"power_w": power, "input_v": 230.0,
                                    "alarm": {"low_input_voltage": low}, **energy}}}


begun = {"@timestamp": moment(3000), "device": {"id": "pdu1"}, "message": "x",
         "event": {"dataset": "powerwalker.event", "action": "alarm_started", "kind": "alert", "type": ["start"],
                   "id": "pdu1/alarm_started/low_input_voltage/1"},
         "powerwalker": {"event": {"alarm": "low_input_voltage"}}}
archive = scratch.path / "live.ndjson"
archive.write_text("".join(json.dumps(one) + "\n" for one in [begun, live(3590, 360, True)] +
                           [live(second, 300, False, **({"interval_wh": 0.5} if second > 3905 else {}))
                            for second in range(3905, 4200, 10)]))
check(backfill(archive)["stored"] == 32, "live documents")
elastic.documents(), elastic.documents(family="events")  # refreshed
history = scratch.path / "history.csv"
history.write_text("time,power,low\n" + "".join(
    "%s,360,%d\n" % (moment(second), second < 3700 or 4000 <= second < 4100 or second >= 4400)
    for second in range(3600, 4500, 10)))
told = backfill(*MAP, "--map", "low=pdu.alarm.low_input_voltage", history)
rows = {document["@timestamp"]: document["powerwalker"]["pdu"] for document in elastic.documents("powerwalker.pdu")}
check(rows[moment(3600)].get("interval_wh") == 1.0, "the first interval: %s" % rows[moment(3600)])
check(rows[moment(3900)].get("interval_wh") == 1.0, "before live: %s" % rows[moment(3900)])
check(rows["2026-07-03T01:05:04.999Z"].get("interval_wh") == 0.4583, "up to live: %s" % rows["2026-07-03T01:05:04.999Z"])
check(rows[moment(4200)].get("interval_wh") == 0.4583, "from live on: %s" % rows[moment(4200)])
check("interval_wh" not in rows[moment(4000)], "counted beside live: %s" % rows[moment(4000)])
check(rows[moment(4300)].get("interval_wh") == 1.0, "behind live: %s" % rows[moment(4300)])
events = [(event["@timestamp"], event["event"]["action"], event["event"].get("id"))
          for event in elastic.documents(family="events") if event["@timestamp"] != moment(3000)]
check(events == [(moment(3700), "alarm_ended", begun["event"]["id"]),
                 (moment(4400), "alarm_started", events[-1][2])], "events at the joints: %s" % events)
again = backfill(*MAP, "--map", "low=pdu.alarm.low_input_voltage", "--fresh", history)
check((again["stored"], again["rejected"], again["sources"][0]["there_already_different"]) == (0, 0, 0),
      "the same again: %s" % again)
elastic.clear()

# A hole between live documents that history fills: where the live document behind it has the energy of the whole hole (by
# the counter), history has none; where it does not say, history has it up to that document, by one document more right
# before it. Together it is what the counter moved, nothing twice, also when it is brought again or in two parts.
def metered(second, kwh, **more):
    return {"@timestamp": moment(second), "device": {"id": "pdu1"},
            "event": {"dataset": "powerwalker.pdu", "kind": "metric", "module": "powerwalker", "duration": 500000000},
            "powerwalker": {"pdu": {"power_w": 3600, "energy_kwh": kwh, **more}}}


def energy():
    return {document["@timestamp"]: document["powerwalker"]["pdu"].get("interval_wh")
            for document in elastic.documents("powerwalker.pdu")}


def sum_of_energy():
    return round(sum(value or 0 for value in energy().values()), 1)


COUNTED = MAP + ("--map", "kwh=pdu.energy_kwh")


def metered_table(name, seconds):
    """3.6 kW: a Wh a second."""
    path = scratch.path / name
    path.write_text("time,power,kwh\n" + "".join("%s,3600,%.1f\n" % (moment(second), second / 1000) for second in seconds))
    return path


def bring_live(seconds):
    path = scratch.path / "metered.ndjson"
    path.write_text("".join(json.dumps(metered(second, round(second / 1000, 1), **more)) + "\n" for second, more in seconds))
    backfill("--fresh", path)
    elastic.documents()


bring_live([(second, {"interval_wh": 10.0} if second > 1000 else {}) for second in range(1000, 2000, 10)] +
           [(9000, {"interval_wh": 7010.0, "interval_from_counter": True})] +
           [(second, {"interval_wh": 10.0}) for second in range(9010, 9300, 10)])
hole = metered_table("hole.csv", range(1900, 9200, 20))
backfill(*COUNTED, hole)
check(sum_of_energy() == 9290 - 1000, "a hole that is counted: %s" % sum_of_energy())
elastic.clear()

# The same where the logger that came back knew nothing of before.
bring_live([(second, {"interval_wh": 10.0} if second > 1000 else {}) for second in range(1000, 2000, 10)] +
           [(second, {"interval_wh": 10.0} if second > 9000 else {}) for second in range(9000, 9300, 10)])
backfill(*COUNTED, hole)
joint = moment(9000).replace(":00.000Z", ":59.999Z").replace("02:30", "02:29")
check(energy()[moment(2000)] == 10 and energy()[joint] > 0, "at the ends of the hole: %s %s" % (energy()[moment(2000)], energy()[joint]))
check(abs(sum_of_energy() - (9290 - 1000)) <= 100, "a hole that nobody counted: %s" % sum_of_energy())
elastic.clear()

# Input and outlet have times of their own, and history comes in parts: each goes on from its own newest document.
def own_times(name, begin, end):
    path = scratch.path / name
    path.write_text("time,what,kwh,w\n" + "".join(
        "%s,%s,%.1f,3600\n" % (moment(second + later), what, (second + later) / 1000)
        for second in range(begin, end, 30) for what, later in (("in", 0), ("out1", 7))))
    return path


parts = scratch.path / "parts.map"
parts.write_text("time=@timestamp\n[what=in]\nkwh=pdu.energy_kwh\nw=pdu.power_w\n"
                 "[what=out1]\nkwh=outlet1.energy_kwh\nw=outlet1.power_w\n")
for part in (own_times("part1.csv", 0, 3000), own_times("part2.csv", 9000, 12000)):
    backfill("--map-file", parts, part)
    elastic.documents()
sums = [sum(document["powerwalker"][kind].get("interval_wh", 0) for document in elastic.documents("powerwalker." + kind))
        for kind in ("pdu", "outlet")]
check(all(abs(one - 11970) <= 100 for one in sums), "parts of channels with times of their own: %s" % sums)
elastic.clear()

# A hole within one hour of the clock is one, too: it has its events, and its energy.
hidden = scratch.path / "hidden.csv"
hidden.write_text("time,power,kwh,low\n" + "".join(
    "%s,3600,%.1f,%d\n" % (moment(second), second / 1000, 1200 <= second < 1800) for second in range(300, 3000, 10)))
bring_live([(second, {"interval_wh": 10.0, "alarm": {"low_input_voltage": False}} if second not in (0, 2700) else {})
            for second in [*range(0, 600, 10), *range(2700, 3590, 10)]])
backfill(*COUNTED, "--map", "low=pdu.alarm.low_input_voltage", hidden)
check(abs(sum_of_energy() - 3580) <= 100, "a hole within an hour: %s" % sum_of_energy())
events = [(event["@timestamp"], event["event"]["action"]) for event in elastic.documents(family="events")]
check(events == [(moment(1200), "alarm_started"), (moment(1800), "alarm_ended")], "events of a hole within an hour: %s" % events)
elastic.clear()

# Read live every ten minutes: what lies between is no hole.
bring_live([(second, {"interval_wh": 600.0} if second > 0 else {}) for second in range(0, 7200, 600)])
backfill(*COUNTED, metered_table("between.csv", range(60, 6600, 20)))
check(sum_of_energy() == 6600, "between rare live documents: %s" % sum_of_energy())
elastic.clear()

# Between history's end and the first live document: in one run, the same again, and more of it later.
bring_live([(second, {"interval_wh": 10.0} if second > 9000 else {}) for second in range(9000, 9300, 10)])
backfill(*COUNTED, metered_table("begin.csv", range(0, 5000, 10)))
gap = energy()[joint]
check(abs(gap - 4010) <= 100, "from history's end to the first live document: %s" % gap)
check(abs(sum_of_energy() - 9290) <= 100, "with what lies between: %s" % sum_of_energy())
again = backfill(*COUNTED, "--fresh", scratch.path / "begin.csv")
check((again["stored"], again["rejected"], again["sources"][0]["there_already_different"]) == (0, 0, 0),
      "between, the same again: %s" % again)
backfill(*COUNTED, metered_table("more.csv", range(5000, 8000, 10)))
check(abs(sum_of_energy() - 9290) <= 100, "more of it later: %s" % sum_of_energy())
backfill(*COUNTED, "--fresh", scratch.path / "begin.csv", scratch.path / "more.csv")
check(abs(sum_of_energy() - 9290) <= 100, "both once more: %s" % sum_of_energy())
elastic.clear()
print("all as it should be")
