# SPDX-License-Identifier: MIT
"""What follows from readings: energy of an interval and its cost, ratios, how long an ATS's sample stands for, whether the
other source could take over, the month of an index; and events: begins and ends in pairs, and in step with the documents.
Worked out from the stored readings alone, by docs/events.md and docs/fields.md."""
import collections
import datetime

PRICE = 0.25  # per kWh, of every trial's PDU
STEP_WH = 100.0  # of the counter
ROUNDING_WH = 0.0003
INTERVALS = {"pdu": 1.2, "ats": 0.4}  # of every trial
LONGEST_GAP = 3  # intervals
# Of QAS: the fields of a document, by the bit that says so.
ATS_BITS = {"source1_voltage_bad": 0, "source1_freq_bad": 1, "source1_wave_bad": 2, "source2_voltage_bad": 3,
            "source2_freq_bad": 4, "source2_wave_bad": 5, "sync_bad": 9, "aux1_power_fail": 10, "aux2_power_fail": 11,
            "short_circuit": 12, "overload_fault": 13, "overload": 14, "fault_mode": 15}


def seconds(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc).timestamp()


def ats_flags(row):
    """The alarms of an ATS's document, by name."""
    flat = {**row, **row["alarm"]}
    return {name: flat[name] for name in ATS_BITS}


def judge_indices(blame, documents):
    strays = [document for document in documents if document["_index"] != index_of(document)]
    blame("wrong", len(strays), "documents in another month's index: %s" % [
        (document["@timestamp"], document["_index"]) for document in strays[:4]])


def index_of(document):
    family = "events" if document["event"]["dataset"] == "powerwalker.event" else "metrics"
    return "powerwalker-%s-%s" % (family, document["@timestamp"][:7].replace("-", "."))


def judge_series(blame, kind, name, cycles, clock_is_true, complete):
    """`cycles`: all that is stored of a device, as (time read, documents), in the order of reading. `complete`: and nothing of it
    waits, was refused or given up."""
    if kind == "ats":
        judge_ats(blame, name, cycles, clock_is_true and complete)
        return
    channels = collections.defaultdict(list)
    for read, documents in cycles:
        for document in documents:
            rows = document["powerwalker"]
            row = rows.get("pdu") or rows["outlet"]
            channels[row.get("number", 0)].append((read, seconds(document["@timestamp"]), row))
            judge_row(blame, "%s %s outlet %s" % (name, document["@timestamp"], row.get("number")), row)
    if complete:
        for number, rows in sorted(channels.items()):
            judge_energy(blame, "%s outlet %d" % (name, number), rows, clock_is_true)


def judge_row(blame, where, row):
    ratio = row["power_w"] / row["power_va"] if row["power_va"] else None
    blame("wrong", differs(row.get("power_factor"), ratio, 1e-4), "%s: power_factor %s" % (where, row.get("power_factor")))
    cost = row["interval_wh"] / 1000 * PRICE if "interval_wh" in row else None
    blame("wrong", differs(row.get("cost"), cost, 1e-7), "%s: cost %s" % (where, row.get("cost")))


def differs(value, wanted, by):
    return (value is None) != (wanted is None) or value is not None and abs(value - wanted) > by


def judge_energy(blame, where, rows, clock_is_true):
    """Each interval is power x time until a gap, whose energy comes in steps of the counter; the sum stays within a step of it."""
    lead, leads = 0.0, [0.0]
    is_plain = True  # the devices count what they say they draw, so that nothing is ever bent but by what a gap leaves
    for (read, at, before), (read_now, now, row) in zip(rows, rows[1:]):
        energy, elapsed = row.get("interval_wh"), now - at if clock_is_true else read_now - read
        watts = (before["power_w"] + row["power_w"]) / 2
        if energy is None:
            blame("wrong", clock_is_true, "%s at %s: no energy since the reading before" % (where, now))
            is_plain = False
            continue
        if row.get("interval_from_counter"):
            blame("wrong", elapsed < LONGEST_GAP * INTERVALS["pdu"] - (0.002 if clock_is_true else 2), "%s at %s: no gap" % (where, now))
            is_plain = False
        elif is_plain:
            slack = ROUNDING_WH if clock_is_true else ROUNDING_WH + watts / 3600
            blame("wrong", abs(energy - watts * elapsed / 3600) > slack,
                  "%s at %s: %s Wh, not %.4f" % (where, now, energy, watts * elapsed / 3600))
        lead += energy - (row["energy_kwh"] - before["energy_kwh"]) * 1000
        leads.append(lead)
    blame("wrong", max(leads) - min(leads) > 2 * STEP_WH + 1, "%s: the sum of its intervals leaves the counter by %.1f Wh" % (
        where, max(leads) - min(leads)))


def judge_ats(blame, name, cycles, in_order):
    before = None
    for _, documents in cycles:
        row, at = documents[0]["powerwalker"]["ats"], seconds(documents[0]["@timestamp"])
        bad = ats_flags(row)
        standby = 3 - row["active_source"]
        redundant = row["active_source"] in (1, 2) and not bad["fault_mode"] and not any(
            bad["source%d_%s_bad" % (standby, what)] for what in ("voltage", "freq", "wave"))
        blame("wrong", row.get("redundant") != redundant, "%s %s: redundant %s" % (name, documents[0]["@timestamp"], row.get("redundant")))
        if in_order:
            elapsed = at - before if before else 0
            follows = elapsed <= LONGEST_GAP * INTERVALS["ats"] + 1e-4
            blame("wrong", differs(row.get("interval_s"), elapsed if follows else 0, 1e-3),
                  "%s %s: interval_s %s" % (name, documents[0]["@timestamp"], row.get("interval_s")))
            before = at


def judge_events(blame, events):
    """Each end has the begin of its id, and there is one of each; nothing begins that is on. A logger's start is the one that
    a kill leaves without an end."""
    pairs = collections.defaultdict(lambda: {"start": [], "end": []})
    for event in events:
        about = event["event"]
        for half in set(about["type"]) & {"start", "end"}:
            pairs[event["device"]["id"], about["id"]][half].append(event)
    for (device, _), halves in pairs.items():
        starts, ends = halves["start"], halves["end"]
        first = (starts + ends)[0]
        what = "%s: %s of %s" % (device, first["event"]["action"], first["@timestamp"])
        blame("wrong", len(ends) > 0 and not starts, what + " has no begin")
        blame("wrong", len(starts) > 1 or len(ends) > 1, what + " is told %d times, its end %d times" % (len(starts), len(ends)))
        if len(starts) == len(ends) == 1:
            began = starts[0]["event"]["start"]
            blame("wrong", ends[0]["event"].get("start") != began, what + " ends what began at %s" % ends[0]["event"].get("start"))


def alarm_edges(events, device):
    """name -> [(time, is on)] in the order of time"""
    edges = collections.defaultdict(list)
    for event in events:
        alarm = event.get("powerwalker", {}).get("event", {}).get("alarm")
        if alarm and event["device"]["id"] == device:
            edges[alarm].append((seconds(event["@timestamp"]), "start" in event["event"]["type"]))
    return {alarm: sorted(found) for alarm, found in edges.items()}


def judge_alarms(blame, name, cycles, events):
    """In step with an ATS's documents, whose times are those of the events."""
    edges = alarm_edges(events, name)
    for alarm, found in edges.items():
        alternate = [is_on for _, is_on in found]
        blame("wrong", alternate != [place % 2 == 0 for place in range(len(found))], "%s: %s begins and ends: %s" % (name, alarm, found))
    for _, documents in cycles:
        row, at = documents[0]["powerwalker"]["ats"], seconds(documents[0]["@timestamp"])
        for alarm, is_on in {**ats_flags(row), "redundancy": not row["redundant"]}.items():
            told = [on for when, on in edges.get(alarm, ()) if when <= at + 1e-4]
            blame("wrong", (told[-1] if told else False) != is_on, "%s %s: %s is %s, by events %s" % (
                name, documents[0]["@timestamp"], alarm, is_on, told[-1:] or "never"))
