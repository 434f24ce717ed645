# SPDX-License-Identifier: MIT
"""An order that is waited for when the process is killed has its event all the same, told by the next one, and counts for
switch_limit."""
import json
import subprocess
import time

from captured_device import CapturedPdu
from harness import BINARY, Daemon, Scratch, check, pwlog, wait_until


def requests():
    lines = pwlog("spool", "export", "--config", scratch.config).stdout.splitlines()
    return [one for one in map(json.loads, lines) if one["event"].get("action") == "switch_request"]


def wait_for_order(outlet):
    words = ["outlet", "off", str(outlet), "--delay", "5min", "--yes", "--config", str(scratch.config)]
    before = len(pdu.set_commands)
    process = subprocess.Popen([BINARY, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    wait_until(lambda: len(pdu.set_commands) > before or process.poll() is not None, 20, "the order")
    return process


scratch = Scratch()
pdu = CapturedPdu(scratch.path / "pdu", paced=False, minute=60.0)
scratch.write_config("http://127.0.0.1:9", pdu.link, interval="2s")
scratch.config.write_text(scratch.config.read_text().replace(
    'id = "pdu1"', 'id = "pdu1"\nswitchable = [1, 2, 3]\nswitch_limit = 2'))
begun = time.monotonic()
# Without a daemon the command itself is killed.
alone = wait_for_order(1)
alone.kill()
alone.communicate()
check(requests() == [], "an event before its time: %s" % requests())
daemon = Daemon(scratch)
wait_until(lambda: "is open and read" in daemon.log(), 20, "the first reading")
check(len(requests()) == 1, "the order of the killed command: %s" % requests())
through = wait_for_order(2)
daemon.kill()
through.communicate()
daemon = Daemon(scratch)
wait_until(lambda: daemon.log().count("is open and read") == 2, 20, "the first reading of the next one")
told = requests()
check([one["powerwalker"]["outlet"]["number"] for one in told] == [1, 2], "both orders: %s" % told)
for one in told:
    event = one["powerwalker"]["event"]
    check(one["event"]["outcome"] == "unknown" and event["command"] == "off" and event["delay_s"] == 300
          and event["requested_by"]
          and "ended without a goodbye" in one["event"]["reason"], "what is told: %s" % one)
if time.monotonic() - begun < 50:  # on a machine that slow the minute may be over
    refused = wait_for_order(3)
    said = refused.communicate(timeout=20)[1]
    check(refused.returncode != 0 and "switch_limit" in said, "the third order: %d %s" % (refused.returncode, said))
    check(len(pdu.set_commands) == 2, "sent: %s" % pdu.set_commands)
daemon.kill()
daemon = Daemon(scratch)
wait_until(lambda: daemon.log().count("is open and read") == 3, 20, "the first reading of the last one")
check(sum(one["event"]["outcome"] == "unknown" for one in requests()) == 2, "told twice: %s" % requests())
took, ended = daemon.stop()
check(ended == 0, "run ended with %s" % ended)
pdu.stop()
scratch.remove()
