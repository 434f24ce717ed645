# SPDX-License-Identifier: MIT
"""Both devices at a short interval with damaged answers: nothing wrong, nothing twice, nothing invented, and no
cycle missing that could be had."""
import sys
import time

from harness import Daemon, Scratch, Truth, check, parse_time, pwlog, shared_node, wait_until
from line_device import Ats, Pdu

INTERVAL = 3
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 45
SHARE = float(sys.argv[2]) if len(sys.argv) > 2 else 0.05

elastic = shared_node()
elastic.clear()
scratch = Scratch()
pdu = Pdu(scratch.path / "pdu", seed=11, fault_share=SHARE)
ats = Ats(scratch.path / "ats", seed=12, fault_share=SHARE)
scratch.write_config(elastic.url, pdu.link, ats.link, interval="%ds" % INTERVAL)
setup = pwlog("setup", "--config", scratch.config)
check(setup.returncode == 0, "setup: " + setup.stderr)
daemon = Daemon(scratch)
began = time.time()
time.sleep(SECONDS)
took, status = daemon.stop()
ended = time.time()
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
ticks = int((ended - began) // INTERVAL)
for name, device, cycles in (("PDU", pdu, pdu_cycles), ("ATS", ats, ats_cycles)):
    within = [c for c in cycles if began <= parse_time(c) <= ended]
    print("%s: %d of %d cycles" % (name, len(within), ticks))
    stored = {int(parse_time(c) // INTERVAL) for c in within}
    for tick in sorted(set(range(int(began // INTERVAL) + 1, int(ended // INTERVAL))) - stored):
        said = [(round(at - tick * INTERVAL, 2), query, fault) for at, query, _, fault in device.said
                if -INTERVAL <= at - tick * INTERVAL < INTERVAL]
        print("  without a cycle at %s:" % time.strftime("%T", time.gmtime(tick * INTERVAL)), said)
    # A cycle whose retries reach past the next tick costs that tick: said, counted, and rare.
    check(len(within) >= ticks * 0.9, "%s: %d of %d cycles are stored" % (name, len(within), ticks))
scratch.remove()
