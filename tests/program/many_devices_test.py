# SPDX-License-Identifier: MIT
"""A rack has two devices, the daemon room for some clients: of more devices than that, each is asked all the same."""
import json

from captured_device import CapturedPdu
from harness import Daemon, Scratch, check, pwlog, wait_until

COUNT = 12
scratch = Scratch()
pdus = [CapturedPdu(scratch.path / ("pdu%d" % number), paced=False) for number in range(COUNT)]
scratch.write_config("http://127.0.0.1:9", interval="10s")
scratch.config.write_text(scratch.config.read_text() + "".join(
    '[[pdu]]\nid = "pdu%d"\nport = "%s"\n' % (number, pdu.link) for number, pdu in enumerate(pdus)))
names = ["pdu%d" % number for number in range(COUNT)]


def check_overviews(way):
    for command in (["power"], ["info"], ["status", "--devices"]):
        result = pwlog(*command, "--config", scratch.config)
        check(result.returncode == 0, "%s, %s: %s" % (command, way, result.stderr))
        check(list(json.loads(result.stdout)) == names, "%s, %s: %s" % (command, way, result.stdout))


check_overviews("without a daemon")
daemon = Daemon(scratch)
wait_until(lambda: daemon.log().count("is open and read") == COUNT, 30, "all to be read")
check_overviews("through the daemon")
daemon.stop()
scratch.remove()
