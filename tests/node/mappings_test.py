#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Loads mappings/ into a real node and holds what it promises against what the node does.

Usage: mappings_test.py FILE, where FILE holds the node's URL. Deletes and makes powerwalker-* there.
"""

import json
import pathlib
import sys
import unittest
import urllib.error
import urllib.request

MAPPINGS = pathlib.Path(__file__).resolve().parents[2] / "mappings"
NODE = ""
LIFECYCLE = "powerwalker-lifecycle"  # the test node has no ILM, so this one is left out as `setup` does
NOW = "2026-11-22T10:00:00.123Z"
MONTHS = ["2019.01", "2026.11", "2035.12"]


def call(method, path, body=None, kind="application/json"):
    """The status and the decoded answer of one request."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(NODE + path, data, {"Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def load(kind, name):
    return json.loads((MAPPINGS / kind / f"{name}.json").read_text())


def document(dataset, device, time=NOW, **fields):
    made = {"@timestamp": time, "ecs": {"version": "8.11.0"},
            "event": {"kind": "metric", "module": "powerwalker", "dataset": dataset},
            "device": {"id": device}, "labels": {"site": "home", "since": "2026-11-22"}}
    made["powerwalker"] = fields
    return made


def outlet(number=1, time=NOW, **more):
    values = {"number": number, "name": f"outlet {number}", "state": "on", "state_code": 1,
              "power_w": 40 + number, "current_a": 0.3, "energy_kwh": 701.7, **more}
    return document("powerwalker.outlet", "rack1-pdu", time, outlet=values)


def create(index, *documents, ids=None):
    """Sends documents as `create`; the status of each."""
    lines = []
    for position, one in enumerate(documents):
        action = {"_index": index} | ({"_id": ids[position]} if ids else {})
        lines += [json.dumps({"create": action}), json.dumps(one)]
    status, answer = call("POST", "/_bulk", ("\n".join(lines) + "\n").encode(), "application/x-ndjson")
    assert status == 200, answer
    return [item["create"]["status"] for item in answer["items"]]


def search(body, index="powerwalker-metrics-*"):
    status, _ = call("POST", f"/{index}/_refresh")
    assert status == 200
    status, answer = call("POST", f"/{index}/_search", body)
    assert status == 200, answer
    return answer


def remove_all():
    for kind in ("metrics", "events"):
        for month in MONTHS:
            call("DELETE", f"/powerwalker-{kind}-{month}")


def install(metrics_template):
    """What `setup` does; fails with the node's reason where it refuses one of the files."""
    for path in sorted((MAPPINGS / "component_template").glob("*.json")):
        if path.stem != LIFECYCLE:
            status, answer = call("PUT", f"/_component_template/{path.stem}", json.loads(path.read_text()))
            assert status == 200, (path.name, answer)
    for name, file in (("powerwalker-metrics", metrics_template), ("powerwalker-events", "powerwalker-events")):
        body = load("index_template", file)
        body["composed_of"].remove(LIFECYCLE)
        status, answer = call("PUT", f"/_index_template/{name}", body)
        assert status == 200, (file, answer)


class TimeSeries(unittest.TestCase):
    INDEX = "powerwalker-metrics-2026.11"

    @classmethod
    def setUpClass(cls):
        remove_all()
        install("powerwalker-metrics")

    tearDownClass = staticmethod(remove_all)

    def test_a_document_sent_twice_is_stored_once(self):
        first = [document("powerwalker.pdu", "twice", pdu={"input_v": 222.5, "power_w": 246}),
                 document("powerwalker.ats", "twice", ats={"source1_v": 223.7, "active_source": 1}),
                 document("powerwalker.logger", "twice", logger={"read": 10, "pending": 1})]
        self.assertEqual(create(self.INDEX, *first), [201, 201, 201])
        self.assertEqual(create(self.INDEX, *first), [409, 409, 409])

    def test_outlets_of_one_moment_are_documents_of_their_own(self):
        time = "2026-11-22T11:00:00.000Z"
        eight = [outlet(number, time) for number in range(1, 9)]
        self.assertEqual(create(self.INDEX, *eight), [201] * 8)
        self.assertEqual(create(self.INDEX, *eight), [409] * 8)
        found = search({"size": 0, "query": {"term": {"@timestamp": time}},
                        "aggs": {"name": {"terms": {"field": "powerwalker.outlet.name", "size": 10},
                                          "aggs": {"power": {"avg": {"field": "powerwalker.outlet.power_w"}},
                                                   "energy": {"max": {"field": "powerwalker.outlet.energy_kwh"}}}}}})
        buckets = {b["key"]: (b["power"]["value"], b["energy"]["value"])
                   for b in found["aggregations"]["name"]["buckets"]}
        self.assertEqual(buckets, {f"outlet {n}": (40.0 + n, 701.7) for n in range(1, 9)})

    def test_any_age_is_accepted_and_known_again(self):
        for month, time in (("2019.01", "2019-01-31T23:59:59.999Z"), ("2035.12", "2035-12-01T00:00:00.000Z")):
            self.assertEqual(create(f"powerwalker-metrics-{month}", outlet(time=time)), [201])
            self.assertEqual(create(f"powerwalker-metrics-{month}", outlet(time=time)), [409])

    def test_an_id_of_our_own_is_refused(self):
        one = outlet(time="2026-11-22T12:00:00.000Z")
        self.assertEqual(create(self.INDEX, one, ids=["mine"]), [400])
        self.assertEqual(create(self.INDEX, one), [201])

    def test_labels_are_keywords_and_nothing_else_is_mapped_by_itself(self):
        time = "2026-11-22T13:00:00.000Z"
        one = outlet(time=time, surprise=5)
        one["labels"] |= {"rack": 7, "spare": True}
        self.assertEqual(create(self.INDEX, one), [201])
        status, answer = call("GET", f"/{self.INDEX}/_mapping")
        self.assertEqual(status, 200)
        mapping = answer[self.INDEX]["mappings"]["properties"]
        kinds = {name: field["type"] for name, field in mapping["labels"]["properties"].items()}
        self.assertEqual(kinds, dict.fromkeys(["site", "since", "rack", "spare"], "keyword"))
        self.assertNotIn("surprise", mapping["powerwalker"]["properties"]["outlet"]["properties"])
        found = search({"size": 0, "query": {"term": {"@timestamp": time}},
                        "aggs": {"site": {"terms": {"field": "labels.site"}}}})
        self.assertEqual([b["key"] for b in found["aggregations"]["site"]["buckets"]], ["home"])

    def test_an_index_says_whose_it_is(self):
        create(self.INDEX, outlet(time="2026-11-22T14:00:00.000Z"))
        status, answer = call("GET", f"/{self.INDEX}")
        self.assertEqual(status, 200)
        self.assertEqual(answer[self.INDEX]["mappings"]["_meta"],
                         {"managed_by": "pwlog", "version": 3, "index_mode": "time_series"})
        self.assertEqual(answer[self.INDEX]["settings"]["index"]["mode"], "time_series")
        self.assertEqual(answer[self.INDEX]["settings"]["index"]["codec"], "best_compression")

    def test_a_flush_and_a_merge_keep_what_was_stored(self):
        time = "2026-11-22T15:00:00.000Z"
        self.assertEqual(create(self.INDEX, outlet(time=time)), [201])
        for step in ("_flush?force=true", "_forcemerge?max_num_segments=1"):
            status, answer = call("POST", f"/{self.INDEX}/{step}")
            self.assertEqual((status, answer["_shards"]["failed"]), (200, 0), answer)
        found = search({"query": {"term": {"@timestamp": time}}})["hits"]["hits"]
        self.assertEqual([hit["_source"]["powerwalker"]["outlet"]["energy_kwh"] for hit in found], [701.7])

    def test_an_event_is_known_by_its_id(self):
        event = document("powerwalker.event", "rack1-pdu", event={"alarm": "overload", "observed": True},
                         outlet={"number": 1, "name": "nas"})
        event["message"] = "Outlet 1 (nas) of rack1-pdu is overloaded"
        event["event"] |= {"code": "F01", "id": "pair-1", "start": NOW, "category": ["host"]}
        index = "powerwalker-events-2026.11"
        self.assertEqual(create(index, event, ids=["one"]), [201])
        self.assertEqual(create(index, event, ids=["one"]), [409])
        found = search({"query": {"match": {"message": "overloaded"}}}, index)
        self.assertEqual(found["hits"]["total"]["value"], 1)


class Standard(unittest.TestCase):
    INDEX = "powerwalker-metrics-2026.11"

    @classmethod
    def setUpClass(cls):
        remove_all()
        install("powerwalker-metrics-standard")

    @classmethod
    def tearDownClass(cls):
        remove_all()
        install("powerwalker-metrics")

    def test_the_same_documents_are_known_by_an_id_of_our_own(self):
        pair = [outlet(1), outlet(2)]
        self.assertEqual(create(self.INDEX, *pair, ids=["a", "b"]), [201, 201])
        self.assertEqual(create(self.INDEX, *pair, ids=["a", "b"]), [409, 409])
        found = search({"size": 0, "aggs": {"name": {"terms": {"field": "powerwalker.outlet.name"}}}},
                       self.INDEX)
        self.assertEqual({b["key"] for b in found["aggregations"]["name"]["buckets"]}, {"outlet 1", "outlet 2"})
        status, answer = call("GET", f"/{self.INDEX}")
        self.assertEqual(status, 200)
        self.assertEqual(answer[self.INDEX]["mappings"]["_meta"]["index_mode"], "standard")
        self.assertNotIn("mode", answer[self.INDEX]["settings"]["index"])


if __name__ == "__main__":
    NODE = pathlib.Path(sys.argv.pop(1)).read_text().strip()
    unittest.main(verbosity=2)
