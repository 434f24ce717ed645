# SPDX-License-Identifier: MIT
"""Both devices at a short interval with damaged answers: nothing wrong, nothing twice, nothing invented, and no
cycle missing that could be had: each that is missing was counted."""
import json
import sys
import time

from harness import Daemon, OwnNode, Scratch, Truth, check, parse_time, pwlog
from line_device import Ats, Pdu

INTERVAL = 3
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 45
SHARE = float(sys.argv[2]) if len(sys.argv) > 2 else 0.05


def left_out():
    """Of each device, the ticks that the daemon counted as late or failed: retries reached past them."""
    state = json.loads(pwlog("status", "--json", "--config", scratch.config).stdout)
    return {device["id"]: device["late"] + device["failed"] for device in state["devices"]}


scratch = Scratch()
node = OwnNode(str(scratch.path / "node"))
elastic = node.elastic
pdu = Pdu(scratch.path / "pdu", seed=11, fault_share=SHARE)
ats = Ats(scratch.path / "ats", seed=12, fault_share=SHARE)
scratch.write_config(elastic.url, pdu.link, ats.link, interval="%ds" % INTERVAL)
setup = pwlog("setup", "--config", scratch.config)
check(setup.returncode == 0, "setup: " + setup.stderr)
daemon = Daemon(scratch)
began = time.time()
time.sleep(SECONDS)
ended = time.time()
told = left_out()
took, status = daemon.stop()
check(status == 0, "run ended with %s: %s" % (status, daemon.log()))
check(took < 2, "SIGTERM took %.1f s" % took)
shipped = pwlog("once", "--config", scratch.config)  # what was left pending, and one more cycle
pdu.stop()
ats.stop()

truth = Truth(pdu, ats)
pdu_cycles, ats_cycles = truth.check_all(elastic)
faults = {}
for device in (pdu, ats):
    for _, _, _, fault in device.said:
        if fault:
            faults[fault] = faults.get(fault, 0) + 1
print("faults:", faults)
for name, device, cycles in (("pdu1", pdu, pdu_cycles), ("ats1", ats, ats_cycles)):
    stored = {int(parse_time(c) // INTERVAL) for c in cycles}
    # From the first one stored, as a start takes what time it needs, to the last one that was over at the count.
    due = set(range(min(stored), int((ended - INTERVAL) // INTERVAL)))
    missing = sorted(due - stored)
    print("%s: %d of %d cycles, %d counted as late or failed" % (name, len(due) - len(missing), len(due), told[name]))
    for tick in missing:
        said = [(round(at - tick * INTERVAL, 2), query, fault) for at, query, _, fault in device.said
                if -INTERVAL <= at - tick * INTERVAL < INTERVAL]
        print("  without a cycle at %s:" % time.strftime("%T", time.gmtime(tick * INTERVAL)), said)
    check(len(missing) <= told[name], "%s: %d cycles missing, %d counted" % (name, len(missing), told[name]))
    check(len(missing) <= len(due) / 2, "%s: %d of %d cycles missing" % (name, len(missing), len(due)))
node.stop()
scratch.remove()
