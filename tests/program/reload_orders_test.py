# SPDX-License-Identifier: MIT
"""An order that a reload meets on its way is answered once, by what the outlets show and by what is permitted then;
of a device that is gone its fate is not known, which is told at once. One of the broker's is told of as well."""
import json
import os
import subprocess

from broker import Broker, Listener, free_port
from captured_device import CapturedAts, CapturedPdu
from harness import BINARY, Daemon, Scratch, check, open_files, pwlog, wait_until


class BusyPdu(CapturedPdu):
    """Never shows that outlet 6 is off, so that an order to cycle it keeps the line for three seconds."""

    def digits(self):
        shown = super().digits()
        return shown[:5] + "1" + shown[6:]


def configure(name="Rack", switchable=(3, 4, 5, 6), port=None, broker_port=None):
    text = ('interval = "2s"\ncontrol_socket = "%s"\n[elasticsearch]\nhosts = ["http://127.0.0.1:9"]\n'
            '[spool]\npath = "%s"\n[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "P"\ncommands = true\n'
            '[[ats]]\nid = "ats1"\nport = "%s"\n'
            % (scratch.path / "pwlog.sock", scratch.path / "spool", broker_port or broker.plain, ats.link))
    if port != "gone":
        text += ('[[pdu]]\nid = "pdu1"\nport = "%s"\nname = "%s"\nswitchable = %s\nswitch_limit = 100\n'
                 % (port or pdu.link, name, list(switchable)))
    scratch.config.write_text(text)
    scratch.config.chmod(0o600)


def reload(**keys):
    configure(**keys)
    done = pwlog("reload", "--config", scratch.config)
    check(done.returncode == 0, "reload: %d %s" % (done.returncode, done.stderr))


def order(*arguments):
    """On its way, once the daemon has it."""
    process = subprocess.Popen([BINARY, "outlet", *arguments, "--yes", "--device", "pdu1", "--config", ours],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    wait_until(lambda: process.poll() is not None or is_connected(process), 20, "the order to be given")
    return process


def is_connected(process):
    return any(name.startswith("socket:") for name in open_files(process))


def told(process, status):
    out, err = process.communicate(timeout=60)
    check(process.returncode == status, "%s: status %d, %s%s" % (process.args[2:4], process.returncode, out, err))
    return json.loads(out) if out else {}, err


def sent_since(before):
    return pdu.set_commands[before:]


def begun(*arguments):
    """An order whose command is sent."""
    before = len(pdu.set_commands)
    process = order(*arguments)
    wait_until(lambda: sent_since(before) or process.poll() is not None, 30, "the command")
    if process.poll() is not None:
        check(False, "%s ended at once: %s" % (arguments, told(process, process.returncode)))
    return process


def busy():
    """The line is kept by somebody else's order."""
    return begun("cycle", "6"), len(pdu.set_commands)


def leave(process):
    """Its terminal goes; the daemon sees it through without."""
    process.kill()
    process.communicate()


def events_of_broker():
    return [json.loads(payload) for topic, payload in list(listener.messages)
            if topic == "P/event" and "switch_request" in payload and '"mqtt"' in payload]


def broker_status():
    return json.loads(pwlog("status", "--json", "--config", scratch.config).stdout)["mqtt"]


scratch = Scratch()
ours = str(scratch.path / "order.toml")  # of whoever orders: it does not change
pdu = BusyPdu(scratch.path / "pdu", paced=False, minute=60.0)
elsewhere = CapturedPdu(scratch.path / "elsewhere", paced=False)
ats = CapturedAts(scratch.path / "ats", paced=False)
scratch.path.chmod(0o755)
(scratch.path / "broker").mkdir()
broker = Broker(scratch.path / "broker")
listener = Listener(broker)
configure()
scratch.config.rename(ours)
configure()
daemon = Daemon(scratch)
wait_until(lambda: pwlog("status", "--config", scratch.config).returncode == 0, 30, "the daemon")

# Its countdown runs while the device is renewed, twice, and its outlet may no longer be switched.
before = len(pdu.set_commands)
going = begun("off", "3", "--delay", "12s")
reload(name="Rack 7")
reload(name="Rack 8", switchable=(4, 5, 6))
report, _ = told(going, 0)
check(report["outcome"] == "done" and report["digits_after"] == "11011111", report)
check(sent_since(before) == ["S,3.2"], "the device was renewed: %s" % sent_since(before))

# One that waits for the line is carried out by whoever has the device then, once ...
first, before = busy()
waiting = order("off", "4")
reload(name="Rack 9", switchable=(4, 5, 6))
report, _ = told(waiting, 0)
check(report["outcome"] == "done" and report["digits_after"][3] == "0", report)
check(sent_since(before) == ["S,400"], "the device was renewed before: %s" % sent_since(before))
leave(first)

# ... or not at all, where it may not be by then.
first, before = busy()
waiting = order("off", "5")
reload(name="Rack 10", switchable=(6,))
in_time = sent_since(before)  # on a machine so busy that the reload came after it
report, why = told(waiting, 0 if in_time else 2)
check(report["outcome"] == ("done" if in_time else "refused"), why)
check(sent_since(before) == in_time and in_time in ([], ["S,500"]), "it was not permitted any more: %s" % sent_since(before))
leave(first)

# The device is gone, or it is another one by its port.
for port in ("gone", elsewhere.link):
    reload()
    wait_until(lambda: pwlog("pdu", "status", "--config", scratch.config).returncode == 0, 20, "the PDU is back")
    before = len(pdu.set_commands)
    going = begun("on" if port == "gone" else "off", "4", "--delay", "1min")
    reload(port=port)
    report, why = told(going, 3)
    check("was sent" in why and "not read any more" in why, "%s %s" % (report, why))
    check(len(sent_since(before)) == 1 and not elsewhere.set_commands, "%s: %s" % (port, sent_since(before)))

# What happens while the broker is away waits for it, through a reload as well.
asked_before = len(pdu.said)
reload(broker_port=free_port())
wait_until(lambda: "QSR" in [asked for _, asked, *_ in pdu.said[asked_before:]], 20, "how long the countdown still is")
told(order("cancel", "4"), 0)
reload()
wait_until(lambda: any(topic == "P/event" and "cancel requested for outlet 4" in payload
                       for topic, payload in list(listener.messages)), 30, "the event of before the reload")

# By the broker: two for one outlet, of which the second waits for the first.
reload()
wait_until(lambda: broker_status()["connected"], 30, "the broker")
received = broker_status()["received"]
first, before = busy()
broker.say("P/pdu/outlet/out5/set", "OFF")
broker.say("P/pdu/outlet/out5/set", "ON")
wait_until(lambda: broker_status()["received"] >= received + 2, 30, "what was said")
reload(name="Rack 11")
leave(first)
wait_until(lambda: len(events_of_broker()) >= 2, 30, "an event of each order")
daemon.stop()
told_of = events_of_broker()
begun_count = sum("withdrawn before anything was sent" not in one["message"] for one in told_of)
check(len(told_of) == 2 and len(sent_since(before)) <= begun_count, "%s %s" % (told_of, sent_since(before)))
listener.stop()
broker.kill()
for device in (pdu, elsewhere, ats):
    device.stop()
scratch.remove()
