# SPDX-License-Identifier: MIT
"""kill -9 again and again while sampling at the shortest interval, the node going away and coming back: what was
committed is in Elasticsearch, once."""
import pathlib
import random
import sys
import time

from harness import Daemon, OwnNode, Scratch, Truth, check, pwlog, wait_until
from line_device import Ats, Pdu

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
chance = random.Random(5)

scratch = Scratch()
node = OwnNode(str(scratch.path / "node"))
pdu = Pdu(scratch.path / "pdu", seed=1, paced=False, think=0.001)
ats = Ats(scratch.path / "ats", seed=2, paced=False, think=0.001)
scratch.write_config(node.url, pdu.link, ats.link, interval="1200ms", more='query_gap = "0ms"')
check(pwlog("setup", "--config", scratch.config).returncode == 0, "setup failed")
for turn in range(ROUNDS):
    daemon = Daemon(scratch)
    if turn % 7 == 3:
        time.sleep(chance.uniform(0.5, 1.5))
        node.kill()
        time.sleep(chance.uniform(0.5, 1.5))
        daemon.kill()
        node.start()
    else:
        time.sleep(chance.uniform(0.3, 3.0))
        daemon.kill()
final = Daemon(scratch)


def pending():
    import json
    status = pwlog("status", "--json", "--config", scratch.config)
    if status.returncode != 0:
        return None
    return json.loads(status.stdout)["spool"]


wait_until(lambda: (pending() or {}).get("read", 0) > 0 and pending()["pending"] == 0, 60, "the spool to be empty")
took, status = final.stop()
check(status == 0, "run ended with %s: %s" % (status, final.log()))
drained = pwlog("once", "--config", scratch.config)
check(drained.returncode == 0, "once: " + drained.stderr)
pdu.stop()
ats.stop()
exported = pwlog("spool", "export", "--config", scratch.config)
check(exported.returncode == 0, "export: " + exported.stderr)
import json
committed = [json.loads(line) for line in exported.stdout.splitlines()]
committed = [doc for doc in committed if doc["event"]["kind"] == "metric" and doc["event"]["dataset"] != "powerwalker.logger"]


def identity(document):
    outlet = document["powerwalker"].get("outlet", {}).get("number", 0)
    return document["device"]["id"], document["event"]["dataset"], outlet, document["@timestamp"]


stored = [doc for name in ("powerwalker.pdu", "powerwalker.outlet", "powerwalker.ats")
          for doc in node.elastic.documents(name)]
ids = [identity(doc) for doc in stored]
check(len(set(ids)) == len(ids), "%d documents are there twice" % (len(ids) - len(set(ids))))
check(set(ids) == {identity(doc) for doc in committed},
      "%d documents stored, %d committed" % (len(ids), len(committed)))
cycles, _ = Truth(pdu, ats).check_all(node.elastic)
print("%d kills: %d documents committed, all of them stored once, %d PDU cycles" % (ROUNDS, len(ids), len(cycles)))
node.stop()
scratch.remove()
