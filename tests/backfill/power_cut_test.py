#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A run out of a scratch file, ended ten times as a power cut ends it: the process is gone at once, and of what is kept
beside the source only that is left which was made durable. Nothing is lost and nothing there twice."""
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "program"))
from harness import BINARY, Scratch, check, pwlog, wait_until  # noqa: E402
from stub_server import StubServer  # noqa: E402

TIMES, CUTS = 5_000, 10
chance = random.Random(int(os.environ.get("PWLOG_TEST_SEED", "5")))
stored, lock = {}, threading.Lock()
server = StubServer()
usual = server.answer


def answer(path, body, headers=None):
    """Keeps what comes under its index and identity, and refuses what is there."""
    if path != "/_bulk":
        return (200, {"hits": {"hits": []}}) if path.endswith("_search") else usual(path, body, headers)
    lines = body.splitlines()
    items = []
    with lock:
        for text in lines[1::2]:
            document = json.loads(text)
            identity = (document["@timestamp"], document["device"]["id"], document["event"]["dataset"],
                        document["event"].get("action"), document["powerwalker"].get("outlet", {}).get("number"),
                        document.get("powerwalker", {}).get("event", {}).get("alarm"))
            there = identity in stored
            stored.setdefault(identity, text)
            error = {"type": "version_conflict_engine_exception", "reason": "exists"}
            items.append({"create": {"status": 409, "error": error} if there else {"status": 201}})
    return 200, {"took": 1, "errors": True, "items": items}


server.answer = answer
scratch = Scratch()
scratch.write_config(server.url, pdu="/dev/null", interval="10s")
lines = []
for number in range(TIMES):
    when = (1_790_000_000 + number * 10) * 10**9
    low = "t" if number % 500 > 400 else "f"
    lines += ["volts,id=pdu1 v=%.1f %d" % (chance.uniform(220, 240), when), "load,id=pdu1 w=%d %d" % (
        chance.randint(100, 200), when), "alarm,id=pdu1 low=%s %d" % (low, when)]
chance.shuffle(lines)
source = scratch.path / "shuffled.lp"
source.write_text("\n".join(lines) + "\n")
(scratch.path / "lp.map").write_text("id = device.id\nv = pdu.input_v\nw = pdu.power_w\nlow = pdu.alarm.low_input_voltage\n")
state = scratch.path / "shuffled.lp.pwlog-state"
command = [BINARY, "backfill", "--config", str(scratch.config), "--map-file", str(scratch.path / "lp.map"), str(source)]

told = pwlog(*command[1:-1], "--dry-run", "--print", source, timeout=120)
wanted = sorted(told.stdout.splitlines())
check(told.returncode == 0 and len(wanted) > TIMES, "the dry run: %d, %s" % (told.returncode, told.stderr))

for cut in range(CUTS):
    before = state.stat().st_mtime_ns if state.exists() else 0
    process = subprocess.Popen(command + ["--rate", "250"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    wait_until(lambda: process.poll() is not None or (state.exists() and state.stat().st_mtime_ns > before), 60,
               "a state file")
    time.sleep(chance.uniform(0, 0.5))
    check(process.poll() is None, "run %d was at its end before it could be cut" % cut)
    process.kill()
    process.wait()
    # What was written beside and not yet renamed is whatever the disk had of it.
    beside = pathlib.Path(str(state) + ".new")
    beside.write_bytes(b"\0" * chance.randint(0, 4096))
print("at the last cut", len(stored), "documents were stored")
check(0 < len(stored) < len(wanted), "%d stored at the last cut" % len(stored))
done = pwlog(*command[1:-1], "--json", source, timeout=300)
numbers = json.loads(done.stdout)
check(done.returncode == 0 and numbers["sources"][0]["resumed_behind"] > 0, "the last run: %s %s" % (
    done.stdout, done.stderr))
check(numbers["read"] == len(wanted), "read %d of %d" % (numbers["read"], len(wanted)))
found = sorted(text.decode() for text in stored.values())
check(found == wanted, "%d of %d documents are as without a cut" % (len(set(found) & set(wanted)), len(wanted)))
server.stop()
print("all as it should be")
