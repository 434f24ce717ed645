# SPDX-License-Identifier: MIT
"""a broker's commands: retained, unpermitted, too many, huge, not text, for topics that are none"""
ROWS = "40"
SECONDS = 180
QUICK = True


def run(trial):
    broker = trial.broker()
    prefix = trial.name
    for outlet in range(1, 9):
        broker.say("%s/pdu/outlet/out%d/set" % (prefix, outlet), "OFF", "-r")
    trial.most_log_lines = 300
    trial.begin(pdu="switchable = [8]\nswitch_limit = 3", more=trial.mqtt(broker, commands=True))
    trial.wait_for(lambda: trial.status()["mqtt"].get("connected"), 30, "the broker")
    noise = trial.scratch.path / "noise"
    noise.write_bytes(trial.chance.randbytes(300_000))
    topic = "%s/pdu/outlet/out%%s/set" % prefix
    broker.say_file(topic % 8, noise)
    noise.write_bytes(b"O\x00FF\xff")
    broker.say_file(topic % 8, noise)
    for payload in ("TOGGLE", "", "off;OFF", "2", "-0", "\x1b[31mOFF"):
        broker.say(topic % 8, payload)
    for outlet in ("1", "9", "A", "all", "1A", "08", "8/8", "-8"):
        broker.say(topic % outlet, "OFF")
    broker.say(topic % 8, "ON")  # it is: nothing to send
    trial.logged("on requested for outlet 8")
    trial.must(trial.pdu.set_commands == [], "on the wire: %s" % trial.pdu.set_commands)
    trial.evidence.ordered[trial.pdu_name] = ["S,800"]
    broker.say(topic % 8, "OFF")
    trial.wait_for(lambda: trial.pdu.set_commands == ["S,800"], 30, "the one order that is permitted")
    for _ in range(40):  # off already: nothing more is sent, and past the limit nothing is looked at
        broker.say(topic % 8, "OFF")
    trial.sampled(2)
    trial.must("\x1b" not in trial.log(), "a control character reached the log")
