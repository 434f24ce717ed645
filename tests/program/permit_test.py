# SPDX-License-Identifier: MIT
"""What may be switched is what the configuration says now: the caller's own can refuse and never spares the question,
the daemon's counts from SIGHUP on, and an order that has not begun goes with the terminal that gave it."""
import json
import os
import signal
import subprocess

from captured_device import CapturedPdu
from harness import BINARY, Daemon, Scratch, check, open_files, pwlog, wait_until


def config(name, switchable, more="", device="pdu1", socket=None):
    """A configuration for this daemon's socket."""
    path = scratch.path / name
    text = 'control_socket = "%s"\n' % (socket or scratch.path / "pwlog.sock")
    text += '[elasticsearch]\nhosts = ["http://127.0.0.1:9"]\n[spool]\npath = "%s"\n' % (scratch.path / ("spool" + more))
    port = pdu.link if device == "pdu1" else "/dev/pwlog-none"
    text += '[[pdu]]\nid = "%s"\nport = "%s"\nswitchable = %s\n' % (device, port, switchable)
    path.write_text(text)
    path.chmod(0o600)
    return path


def switch(*arguments, status, sent=()):
    before = len(pdu.set_commands)
    result = pwlog(*arguments)
    check(result.returncode == status, "%s: %d %s" % (arguments, result.returncode, result.stderr))
    check(pdu.set_commands[before:] == list(sent), "%s sent %s" % (arguments, pdu.set_commands[before:]))
    return result


def refusals():
    lines = pwlog("spool", "export", "--config", ours).stdout.splitlines()
    return sum("refused" in json.loads(line).get("message", "") for line in lines)


scratch = Scratch()
pdu = CapturedPdu(scratch.path / "pdu", paced=False, minute=3.0)
ours = scratch.config = config("pwlog.toml", [3])
allows = config("allows.toml", [3, 5])
forbids = config("forbids.toml", [])
other = config("other.toml", [], device="pdu2")
daemon = Daemon(scratch)
wait_until(lambda: pwlog("status", "--config", ours).returncode == 0, 20, "the daemon")

# Nobody can be asked, and nobody said yes.
switch("outlet", "off", "3", "--config", ours, status=2)
# Our own configuration refuses, and that is an event.
for arguments in (["outlet", "off", "3"], ["outlet", "off", "3", "--yes"], ["pdu", "shutdown", "3", "0", "--yes"],
                  ["pdu", "send", "S,300", "--yes"], ["outlet", "off", "3", "--dry-run"]):
    switch(*arguments, "--config", forbids, status=2)
check(refusals() == 4, "%d refusals are events" % refusals())
# One that does not know the device leaves it to the daemon's, and the question to the person.
by_port = ("--port", pdu.link, "--config", other)
switch("outlet", "off", "3", *by_port, status=2)
switch("outlet", "off", "1", "--yes", *by_port, status=2)
switch("outlet", "off", "3", "--yes", *by_port, status=0, sent=["S,300"])
# The daemon's own is asked where the caller's allows it.
told = switch("outlet", "off", "5", "--yes", "--config", allows, status=2).stderr
check("older configuration" in told and "systemctl reload pwlog" in told, told)
listed = json.loads(pwlog("outlet", "list", "--config", allows).stdout)["outlets"]
check([outlet["number"] for outlet in listed if outlet["switchable"]] == [3], "only what both allow may be switched")

# From SIGHUP on.
config("pwlog.toml", [5])
daemon.process.send_signal(signal.SIGHUP)
wait_until(lambda: "outlets that may be switched: 5; before: 3" in daemon.log(), 20, "the reload")
switch("outlet", "on", "3", "--yes", "--config", allows, status=2)
switch("outlet", "off", "5", "--yes", "--config", allows, status=0, sent=["S,500"])
ours.write_text("what = [")
daemon.process.send_signal(signal.SIGHUP)
wait_until(lambda: "could not be read again" in daemon.log(), 20, "the refused reload")
switch("outlet", "on", "3", "--yes", "--config", allows, status=2)
config("pwlog.toml", [5], device="pdu2")
check(pwlog("reload", "--config", ours).returncode == 0, "the reload without the PDU")
check("may be switched: none" in daemon.log(), "the permit was not withdrawn")
# The port is nobody's now, but the caller would keep its event in the spool, which is the daemon's.
switch("outlet", "on", "5", "--yes", "--config", allows, status=5)
config("pwlog.toml", [5])
check(pwlog("reload", "--config", ours).returncode == 0, "the reload with the PDU")

# A port that somebody else has.
busy = config("busy.toml", [5], more="2", socket=scratch.path / "nobody.sock")
switch("outlet", "on", "5", "--yes", "--config", busy, status=3)

# An order that waits behind another question goes with its terminal.
pdu.faults, pdu.fault_share = ["drop"], 1.0
asking = subprocess.Popen([BINARY, "pdu", "power_w", "--config", str(ours)], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def is_connected(process):
    return any(name.startswith("socket:") for name in open_files(process))


wait_until(lambda: is_connected(asking), 20, "the question before")
before = len(pdu.set_commands)
order = subprocess.Popen([BINARY, "outlet", "on", "5", "--yes", "--config", str(ours)], stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
wait_until(lambda: is_connected(order), 20, "the order")
order.send_signal(signal.SIGINT)
told = order.communicate(timeout=20)[1]
check(order.returncode == 3, "the order ended with %d: %s" % (order.returncode, told))
pdu.fault_share = 0.0
asking.wait(60)
switch("pdu", "power_w", "--config", ours, status=0)
check(len(pdu.set_commands) == before, "an order whose terminal had gone was sent: %s" % pdu.set_commands[before:])

# The keys of the library's README.
times = json.loads(pwlog("pdu", "countdown_times", "--config", ours).stdout)
check(times["out1"] == {"s": 0, "r": 0} == times["out1_cd_sec"], str(times))
daemon.stop()
pdu.stop()
scratch.remove()
