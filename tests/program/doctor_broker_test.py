# SPDX-License-Identifier: MIT
"""The doctor at the broker and at the NUT server: each fault is its own finding, and looking changes nothing: no outlet is
ordered, nothing is left at the broker, and nobody is thrown out."""
import json
import os
import socket

from broker import Broker, Listener, free_port, make_authority
from harness import SOURCE, Daemon, Scratch, check, pwlog, wait_until
from line_device import Ats, Pdu
from nut import Nut

seen = set()


def configure(ups="rack", ups_port=None, interval="2s", switchable="[8]", more="", **mqtt):
    scratch.write_config("http://127.0.0.1:9", pdu.link, ats.link, interval="2s")
    text = scratch.config.read_text().replace("[[ats]]", "switchable = %s\n[[ats]]" % switchable)
    keys = {"host": "127.0.0.1", "prefix": "P", "client_id": "rack", "port": broker.plain, "tls": False,
            "commands": True, **mqtt}
    scratch.config.write_text(
        more + text + '\n[[ups]]\nid = "ups1"\nport = %d\nups = "%s"\ninterval = "%s"\n'
        % (ups_port or nut.port, ups, interval)
        + "[mqtt]\n" + "".join("%s = %s\n" % (key, json.dumps(value if isinstance(value, (int, bool)) else str(value)))
                               for key, value in keys.items()))


def examine():
    report = json.loads(pwlog("doctor", "--json", "--config", scratch.config).stdout)["findings"]
    seen.update(finding["name"] for finding in report)
    return report


def of_step(step):
    return {finding["name"]: finding for finding in examine() if finding["step"] == step}


def expect(step, name, verdict="fail", says=""):
    found = of_step(step)
    check(set(found) == {name} and found[name]["verdict"] == verdict, "%s expected: %s" % (name, found))
    text = "%s %s %s" % (found[name].get("subject"), found[name]["message"], found[name].get("next"))
    check(says in text, "%s: %s" % (name, text))
    check(verdict == "pass" or found[name]["next"], "%s: nothing to do next" % name)


scratch = Scratch()
(scratch.path / "broker").mkdir()
scratch.path.chmod(0o755)
secret = scratch.path / "password"
secret.write_text("secret\n")
secret.chmod(0o600)
broker = Broker(scratch.path / "broker")
make_authority(broker.folder, "other")
named, acl = free_port(), broker.folder / "acl"
acl.write_text("user pwlog\ntopic readwrite #\n")
with open(broker.folder / "mosquitto.conf", "a") as conf:
    conf.write("listener %d 127.0.0.1\nallow_anonymous false\npassword_file %s/passwords\nacl_file %s\n"
               % (named, broker.folder, acl))
broker.kill()
for file in broker.folder.iterdir():
    file.chmod(0o644)
broker.start()
nut = Nut(scratch.path / "nut")
pdu = Pdu(scratch.path / "pdu", seed=71)
ats = Ats(scratch.path / "ats", seed=72)
wait_until(lambda: "OL CHRG" in nut.status(), 30, "the driver's first word")

# Nothing is wrong.
configure()
listener = Listener(broker)
check(set(of_step("ups")) == {"ups_answers"}, "a UPS that answers")
expect("broker", "broker_answers", "pass", "subscriptions")

# The UPS.
configure(ups="shed")
expect("ups", "ups_unknown", says="upsc -l")
configure(ups_port=free_port())
expect("ups", "ups_unreachable", says="upsd")
with socket.socket() as stranger:
    stranger.bind(("127.0.0.1", 0))
    stranger.listen(4)
    configure(ups_port=stranger.getsockname()[1])
    expect("ups", "ups_unreachable", says="5000 ms")
nut.driver.kill()
nut.driver.wait()
configure()
wait_until(lambda: "ups_stale" in of_step("ups"), 40, "a driver that has died")

# The broker.
configure(port=free_port())
expect("broker", "broker_unreachable", says="Connection refused")
login = {"port": named, "username": "pwlog", "password_file": secret}
configure(**login)
expect("broker", "broker_answers", "pass")
secret.write_text("wrong\n")
expect("broker", "broker_refuses", says="password_file")
secret.write_text("secret\n")
secured = {"port": broker.secure, "username": "pwlog", "password_file": secret}
configure(**secured)
expect("broker", "broker_tls", says="tls = true")
folder = broker.folder
own = {"tls": True, "client_cert": folder / "ours-client.pem", "client_key": folder / "ours-client.key"}
os.chmod(folder / "ours-client.key", 0o600)
configure(**secured, **own, ca_file=folder / "other-ca.pem")
expect("broker", "broker_tls", says="certificate")
configure(**secured, **own, ca_file=folder / "ours-ca.pem")
expect("broker", "broker_answers", "pass")
acl.write_text("user pwlog\ntopic readwrite P/ups/#\n")
broker.kill()
broker.start()
listener = Listener(broker)
configure(**login)
expect("broker", "topic_refused", "warn", says="Not authorized")

# Beside a daemon: it stays connected, no outlet moves, and the whole configuration is compared.
configure()
daemon = Daemon(scratch)


def status():
    return json.loads(pwlog("status", "--json", "--config", scratch.config).stdout or '{"mqtt":{}}')


wait_until(lambda: status()["mqtt"].get("connected"), 30, "the daemon to be connected")
wait_until(lambda: listener.newest("P/event"), 30, "the daemon's first event")
check("daemon_old_configuration" not in of_step("daemon"), "the configuration is the same")
wait_until(lambda: "ups_stale" in of_step("ups"), 30, "the daemon's word on the UPS")
expect("broker", "broker_answers", "pass")
for changed, says in (({"interval": "3s"}, "ups differs"), ({"qos": 1}, "mqtt differs"),
                      ({"more": 'host_name = "other"\n'}, "host_name differs"),
                      ({"switchable": "[7]"}, "switchable differs")):
    configure(**changed)
    found = of_step("daemon")
    check(says in found["daemon_old_configuration"]["message"], "%s: %s" % (changed, found))
reloaded = pwlog("reload", "--config", scratch.config)
check(reloaded.returncode == 0, reloaded.stderr)
check("daemon_old_configuration" not in of_step("daemon"), "what was read again is no difference")
check(status()["mqtt"]["reconnects"] == 0, "the daemon was thrown out")
took, ended = daemon.stop()
check(ended == 0, "run ended with %s" % ended)

told = {topic for topic, _ in listener.messages if "doctor" in topic}
check(told == {"P/doctor", "homeassistant/device/pwlog_doctor/config"}, "said as the doctor: %s" % told)
check(not any(topic.endswith(("/set", "/cancel")) for topic, _ in listener.messages), "a command was published")
check(pdu.set_commands == [], "the device was told %s" % pdu.set_commands)
late = Listener(broker)
wait_until(lambda: late.newest("P/ups/availability"), 20, "what the broker keeps")
check(not any("doctor" in topic for topic, _ in late.messages), "something of the doctor's was kept")
known = (SOURCE / "docs/doctor.md").read_text()
check(all("| `%s`" % name in known for name in seen), "not in docs/doctor.md: %s" % [
    name for name in seen if "| `%s`" % name not in known])
late.stop()
listener.stop()
nut.stop_server()
broker.kill()
pdu.stop()
ats.stop()
scratch.remove()
