# SPDX-License-Identifier: MIT
"""One judge for all faults. It knows what each device has said and was told, what the server holds, and what the spool's
books and the log say, and nothing of how the program works.

lost    readings that a device gave whole, and that are neither on the server, nor waiting, nor counted
twice   readings that are on the server more than once
wrong   documents with a value that no device has said, or for a reading that was never made; what does not follow from the
        readings; an index of another month; events that are no pairs or contradict the documents; orders that nobody gave,
        and those said to be done that no device was told
untold  what the books miss or have too much; what is counted as gone without a word in the log
"""
import dataclasses
import json

from derived import ATS_BITS, ats_flags, judge_alarms, judge_events, judge_indices, judge_series, seconds

QUERIES = {"pdu": ("QGS", "QPW", "QPVA", "QEC"), "ats": ("QATS", "QAS")}
IDENTITY = "QPI"
DOCUMENTS = {"pdu": 9, "ats": 1}
TOLERANCE = 1e-6
CLOCK_SLACK = 2.0  # between a device's last byte and the program's stamp, on a machine busy with other things


@dataclasses.dataclass
class Reading:
    """One cycle as the device saw it: from the first query to the next cycle's."""
    kind: str
    begin: float
    end: float = 0.0
    answers: list = dataclasses.field(default_factory=list)  # (time, query, payload, fault)
    stored: dict = dataclasses.field(default_factory=dict)  # @timestamp -> documents

    def payloads(self, query):
        return [payload for _, asked, payload, _ in self.answers if asked == query]

    def is_whole(self):
        """Each query was answered, at once, without any fault: nothing kept the program from having it."""
        asked = [query for _, query, _, _ in self.answers]
        at = [when for when, *_ in self.answers]
        return (all(query in asked for query in QUERIES[self.kind]) and not any(a[3] for a in self.answers)
                and all(later - earlier < 1.0 for earlier, later in zip(at, at[1:])))


def readings_of(kind, said):
    first = QUERIES[kind][0]
    found, before = [], None
    for answer in said:
        query = answer[1]
        if query == first and before != first:
            found.append(Reading(kind, answer[0]))
        if found and query in QUERIES[kind]:
            found[-1].answers.append(answer)
            found[-1].end = answer[0]
        if query != IDENTITY:  # asked behind a damaged answer, before the same is asked again
            before = query
    return found


def numbers(payload, places):
    words = payload.split()
    return tuple(round(float(words[i]), 3) for i in places)


def key_of_answer(kind, payload):
    """What of a reading's first answer is in the documents."""
    try:
        return numbers(payload, range(1, 13)) if kind == "pdu" else numbers(payload, range(8))
    except (ValueError, IndexError):
        return None


def key_of_documents(kind, documents):
    try:
        if kind == "ats":
            row = documents[0]["powerwalker"]["ats"]
            names = ("source1_v", "source1_hz", "source2_v", "source2_hz", "load_pct", "output_a", "sync_angle_deg", "temperature_c")
            return tuple(round(row[name] * (100 if name == "load_pct" else 1), 3) for name in names)
        inlet, outlets = split_pdu(documents)
        return tuple(round(value, 3) for value in (inlet["input_v"], inlet["input_hz"], inlet["input_a"],
                                                   *(row["current_a"] for row in outlets), inlet["temperature_c"]))
    except (KeyError, IndexError, TypeError):
        return None


def split_pdu(documents):
    inlet = next((d["powerwalker"]["pdu"] for d in documents if d["event"]["dataset"] == "powerwalker.pdu"), {})
    outlets = [d["powerwalker"]["outlet"] for d in documents if d["event"]["dataset"] == "powerwalker.outlet"]
    return inlet, sorted(outlets, key=lambda row: row["number"])


def misfit(reading, documents):
    """What of the documents the device did not say in this same reading; empty where all fits."""
    if reading.kind == "ats":
        stored = ats_flags(documents[0]["powerwalker"]["ats"])
        said = [{name: bits[place] == "1" for name, place in ATS_BITS.items()} for bits in reading.payloads("QAS")]
        return "" if stored in said else "alarms %s" % [name for name, is_on in stored.items() if is_on]
    inlet, outlets = split_pdu(documents)
    rows = [inlet, *outlets]
    for query, field in (("QPW", "power_w"), ("QPVA", "power_va"), ("QEC", "energy_kwh")):
        said = [[float(word) for word in payload.split()] for payload in reading.payloads(query)]
        if not any(len(words) == len(rows) and all(abs(row.get(field, -1) - word) < TOLERANCE for row, word in zip(rows, words))
                   for words in said):
            return "%s %s" % (field, [row.get(field) for row in rows])
    digits = [payload.split()[0][8:] for payload in reading.payloads("QGS")]
    return "" if "".join(str(row["state_code"]) for row in outlets) in digits else "state_code"


def documents_of(elastic, family, host):
    """All of one host, whatever their time."""
    where = "/powerwalker-%s-*/_%%s?allow_no_indices=true&ignore_unavailable=true" % family
    elastic.call("POST", where % "refresh")
    found, after = {}, None  # by id: a merge between two pages may bring a document again
    while True:
        body = {"size": 5000, "query": {"term": {"host.name": host}}, "sort": ["@timestamp", "_doc"],
                "_source": ["@timestamp", "device.id", "event", "powerwalker"]}
        if after:
            body["search_after"] = after
        hits = elastic.call("POST", where % "search", body)["hits"]["hits"]
        found.update((hit["_index"] + hit["_id"], {**hit["_source"], "_index": hit["_index"]}) for hit in hits)
        if len(hits) < body["size"]:
            return list(found.values())
        after = hits[-1]["sort"]


@dataclasses.dataclass
class Verdict:
    samples: int = 0
    lost: int = 0
    twice: int = 0
    wrong: int = 0
    untold: int = 0
    why: list = dataclasses.field(default_factory=list)

    def blame(self, column, count, reason):
        if count:
            setattr(self, column, getattr(self, column) + count)
            self.why.append("%s %d: %s" % (column, count, reason))


class Evidence:
    """What a trial hands over. `unsure`: (begin, end) of the devices' time in which a reading may have come to nothing,
    as one that a kill met before it was committed."""

    def __init__(self, pdus, atses):
        self.devices = [("pdu", name, device) for name, device in pdus.items()]
        self.devices += [("ats", name, device) for name, device in atses.items()]
        self.kills = []
        self.unsure = []
        self.ordered = {}  # device -> set commands that were asked for
        self.done = {}  # device -> of those, what was said to be done
        # False where a spool goes back or begins anew, or the server does, and what follows from one reading to the next with it.
        self.state_is_kept = True
        self.metrics, self.events = [], []
        self.waiting = 0
        self.books, self.rejects = {}, []
        self.books_exact = True  # False where a damaged spool begins its books anew
        self.clock_is_true = True
        self.log = ""

    def is_complete(self):
        """Whether all that was told is on the server, so that one document follows from the one before."""
        return self.state_is_kept and not (self.rejects or self.waiting or self.books.get("dropped"))

    def is_sure(self, reading, last_before_kill):
        return not (id(reading) in last_before_kill or
                    any(begin <= reading.end and reading.begin <= end for begin, end in self.unsure))


def last_before(kills, readings):
    """Of each kill the reading that it may have met before its commit: the last one, if it was a moment ago."""
    met = set()
    for when in kills:
        earlier = [reading for reading in readings if reading.begin <= when]
        met.update(id(reading) for reading in earlier[-1:] if when - reading.end < 3.0)
    return met


def judge(evidence):
    verdict = Verdict()
    missing = 0
    for kind, name, device in evidence.devices:
        missing += judge_device(verdict, evidence, kind, name, device)
        orders = list(evidence.ordered.get(name, []))
        moved = [command for command in device.set_commands if command not in orders]
        twice_sent = len(device.set_commands) - len(moved) - len(orders)
        verdict.blame("wrong", len(moved) + max(0, twice_sent), "%s was told %s" % (name, device.set_commands))
        untold = [command for command in evidence.done.get(name, ()) if command not in device.set_commands]
        verdict.blame("wrong", len(untold), "%s is said to be done; %s was told %s" % (untold, name, device.set_commands))
    judge_indices(verdict.blame, evidence.metrics + evidence.events)
    if evidence.is_complete():
        judge_events(verdict.blame, [event for event in evidence.events if "logger." not in event["device"]["id"]])
    judge_books(verdict, evidence, missing)
    return verdict


def judge_device(verdict, evidence, kind, name, device):
    """Returns how many documents of whole readings are not on the server."""
    readings = readings_of(kind, list(device.said))
    by_key = {}
    for reading in readings:
        for payload in reading.payloads(QUERIES[kind][0]):
            by_key[key_of_answer(kind, payload)] = reading
    cycles = {}
    for document in evidence.metrics:
        if document["device"]["id"] == name:
            cycles.setdefault(document["@timestamp"], []).append(document)
    for when, documents in sorted(cycles.items()):
        attribute(verdict, evidence, kind, name, by_key, when, documents)
    met = last_before(evidence.kills, readings)
    sure = [reading for reading in readings if reading.is_whole() and evidence.is_sure(reading, met)]
    verdict.samples += len(sure)
    for reading in readings:
        verdict.blame("twice", max(0, len(reading.stored) - 1), "%s: one reading at %s" % (name, sorted(reading.stored)))
    gone = [reading for reading in sure if not reading.stored]
    series = [(reading.begin, documents) for reading in readings for documents in reading.stored.values()
              if len(documents) == DOCUMENTS[kind]]
    complete = evidence.is_complete() and not gone
    judge_series(verdict.blame, kind, name, series, evidence.clock_is_true, complete)
    if kind == "ats" and complete and evidence.clock_is_true:
        judge_alarms(verdict.blame, name, series, evidence.events)
    if gone:
        verdict.why.append("%s: not on the server: readings of %s" % (
            name, ", ".join("%.2f" % reading.begin for reading in gone[:8])))
    partly = sum(DOCUMENTS[kind] - len(documents) for reading in sure for documents in list(reading.stored.values())[:1])
    return len(gone) * DOCUMENTS[kind] + partly


def attribute(verdict, evidence, kind, name, by_key, when, documents):
    if len(documents) != DOCUMENTS[kind]:
        # Of a cycle's nine documents some may wait or be refused: what is there has to be right, as far as it goes.
        if kind == "pdu" and (evidence.rejects or evidence.waiting or evidence.books.get("dropped")):
            for reading in by_key.values():
                if reading.begin - CLOCK_SLACK / 4 <= seconds(when) <= reading.end + CLOCK_SLACK / 4:
                    reading.stored[when] = documents
            return
        verdict.blame("wrong", 1, "%s %s: %d documents of one reading" % (name, when, len(documents)))
        return
    reading = by_key.get(key_of_documents(kind, documents))
    if reading is None:
        verdict.blame("wrong", 1, "%s %s: nobody said %s" % (name, when, key_of_documents(kind, documents)))
        return
    reading.stored[when] = documents
    if odd := misfit(reading, documents):
        verdict.blame("wrong", 1, "%s %s: %s is of no answer to this reading: %s" % (name, when, odd, reading.answers))
    if evidence.clock_is_true and not (reading.begin - CLOCK_SLACK <= seconds(when) <= reading.end + CLOCK_SLACK):
        verdict.blame("wrong", 1, "%s %s: read at %.3f" % (name, when, reading.begin))


def judge_books(verdict, evidence, missing):
    books = evidence.books
    counted = books.get("dropped", 0) + len(evidence.rejects) + evidence.waiting
    verdict.blame("lost", max(0, missing - counted), "documents that are nowhere; books: %s" % json.dumps(books))
    if not books:
        return
    parts = sum(books[name] for name in ("stored", "duplicates", "rejected", "pending", "dropped"))
    verdict.blame("untold", abs(books["read"] - parts), "read is not the sum of its parts: %s" % json.dumps(books))
    if books["dropped"] and not any(word in evidence.log for word in ("dropped", "lost", "given up")):
        verdict.blame("untold", books["dropped"], "dropped without a word in the log")
    if evidence.books_exact:
        there = len(evidence.metrics) + len(evidence.events)
        verdict.blame("untold", abs(books["stored"] + books["duplicates"] - there),
                      "%d documents on the server, booked: %s" % (there, json.dumps(books)))
        verdict.blame("untold", abs(books["rejected"] - len(evidence.rejects)), "%d rejects kept" % len(evidence.rejects))
