# SPDX-License-Identifier: MIT
"""Commands by MQTT: what is allowed switches once and tells the state it came to; what waits retained at the broker, is
not allowed, not understood or too much never reaches the wire, and costs no sample."""
import json
import random
import re
import subprocess

from broker import Broker, Listener
from harness import Daemon, Scratch, check, pwlog, wait_until
from line_device import Ats, Pdu


class SwitchedPdu(Pdu):
    """Carries out at once what it is told."""

    def answer(self, request):
        told = re.fullmatch(r"S,([1-8])(?:\.\d|\d\d)(R\d{4})?", request)
        if told:
            at = int(told[1]) - 1
            self.states = self.states[:at] + ("1" if told[2] else "0") + self.states[at + 1:]
        return super().answer(request)


def status():
    return json.loads(pwlog("status", "--json", "--config", scratch.config).stdout or '{"mqtt":{}}')


def events(word):
    found = []
    for topic, payload in list(listener.messages):
        if topic == "P/event" and "switch_request" in payload:
            event = json.loads(payload)
            if word in json.dumps(event):
                found.append(event)
    return found


def state_of(outlet):
    return json.loads(listener.newest("P/pdu/outlet/out%d" % outlet) or "{}").get("state")


scratch = Scratch()
(scratch.path / "broker").mkdir()
scratch.path.chmod(0o755)
broker = Broker(scratch.path / "broker")
pdu = SwitchedPdu(scratch.path / "pdu", seed=41)
ats = Ats(scratch.path / "ats", seed=42)
scratch.write_config("http://127.0.0.1:9", pdu.link, ats.link, interval="2s")
scratch.config.write_text(
    scratch.config.read_text().replace("[[ats]]", "switchable = [7, 8]\n[[ats]]")
    + '\n[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "P"\nclient_id = "rack"\ncommands = true\n'
    % broker.plain)

# Commands wait at the broker: from last year, for all that is known.
for outlet in range(1, 9):
    broker.say("P/pdu/outlet/out%d/set" % outlet, "OFF", "-r")
broker.say("P/pdu/outlet/out8/cancel", "PRESS", "-r")
listener = Listener(broker)
daemon = Daemon(scratch)
wait_until(lambda: len(events("retained")) >= 9, 20, "refusals of what is retained")
wait_until(lambda: state_of(8) == "On", 20, "the first state")
broker.say("P/pdu/outlet/out8/set", "OFF", "-r")
wait_until(lambda: status()["mqtt"].get("commands_refused", 0) >= 10, 20, "a refusal of what is to be retained")
check(pdu.set_commands == [], "a retained command reached the wire: %s" % pdu.set_commands)

# What is allowed.
switches = {json.loads(payload)["components"]["out8_switch"].get("command_topic") for topic, payload in
            listener.messages if topic == "homeassistant/device/pwlog_pdu1/config"}
check(switches == {"P/pdu/outlet/out8/set"}, "Home Assistant's switch: %s" % switches)
broker.say("P/pdu/outlet/out8/set", "OFF")
wait_until(lambda: state_of(8) == "Off", 20, "the outlet to be off")
check(pdu.set_commands == ["S,800"], pdu.set_commands)
broker.say("P/pdu/outlet/out8/set", "1")
wait_until(lambda: state_of(8) == "On", 20, "the outlet to be on")
check(pdu.set_commands == ["S,800", "S,8.1R0000"], pdu.set_commands)
# On is on: its power must not be interrupted.
broker.say("P/pdu/outlet/out8/set", "ON")
wait_until(lambda: status()["mqtt"]["commands_done"] == 3, 20, "three commands done")
check(pdu.set_commands == ["S,800", "S,8.1R0000"], pdu.set_commands)
wait_until(lambda: len(events("success")) == 3, 20, "an event of each request")

# A flood: a hundred thousand messages, most of them nonsense.
before = {device["id"]: device for device in status()["devices"]}
choice = random.Random(43)
words = ["0", "1", "ON", "OFF", "PRESS", "on", "{}", "2", "x" * 300, "S,A00", " 0"]
senders = []
for topic in ["P/pdu/outlet/out%d/set" % outlet for outlet in range(0, 10)] + \
             ["P/pdu/outlet/out8/cancel", "P/pdu/outlet/out1/cancel", "P/pdu/outlet/A/set", "P/pdu/outlet/%s/set" % ("x" * 99)]:
    sender = subprocess.Popen(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.plain), "-t", topic, "-l"],
                              stdin=subprocess.PIPE)
    senders.append((sender, "\n".join(choice.choice(words) for _ in range(7200)) + "\n"))
for sender, text in senders:
    sender.communicate(text.encode())
wait_until(lambda: status()["mqtt"]["received"] >= 100000, 60, "all of the flood")
wait_until(lambda: {device["id"]: device for device in status()["devices"]}["pdu1"]["cycles"]
           >= before["pdu1"]["cycles"] + 2, 30, "two more cycles")
sent = list(pdu.set_commands)
check(all(re.fullmatch(r"C?S,[78].*", command) for command in sent), "outside of the allow-list: %s" % sent)
check(len(sent) <= 10, "more than the limit: %s" % sent)
after = {device["id"]: device for device in status()["devices"]}
for name in ("pdu1", "ats1"):
    check(after[name]["failed"] == 0, "%s: %s" % (name, after[name]))
    check(after[name]["late"] <= before[name]["late"] + 1, "%s: %d late" % (name, after[name]["late"]))
counters = status()["mqtt"]
check(counters["commands_refused"] > 90000 and counters["connected"], counters)
took, ended = daemon.stop()
check(ended == 0 and took < 3, "run ended with %s after %.1f s" % (ended, took))
check(len(events("switch_request")) < 100, "%d events of refusals" % len(events("switch_request")))
listener.stop()
broker.kill()
pdu.stop()
ats.stop()
scratch.remove()
