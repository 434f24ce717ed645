# SPDX-License-Identifier: MIT
"""Brokers that refuse, and what lies about on them: a password that is changed is taken up, TLS and plain ports that are
mixed up are named once, an access list that changes is seen, a subscription that is refused is told once and made when it
may be, another client of our id costs no flood, an odd command is no "off", and of Home Assistant's discovery only what
is this logger's own is taken away."""
import json
import pathlib
import signal
import subprocess

from broker import Broker, Listener, free_port
from harness import Daemon, Scratch, check, pwlog, wait_until
from line_device import Ats, Pdu


def status():
    return json.loads(pwlog("status", "--json", "--config", scratch.config).stdout or '{"mqtt":{}}')["mqtt"]


def configure(port, **more):
    scratch.write_config("http://127.0.0.1:9", pdu.link, ats.link, interval="2s")
    text = scratch.config.read_text().replace("[[ats]]", "switchable = [8]\n[[ats]]")
    keys = {"host": "127.0.0.1", "prefix": "P", "client_id": "rack", "port": port, "tls": False, **more}
    scratch.config.write_text(text + "\n[mqtt]\n" + "".join(
        "%s = %s\n" % (key, json.dumps(value if isinstance(value, (int, bool)) else str(value)))
        for key, value in keys.items()))


def set_password(word):
    """The broker reads its file at SIGHUP, and ends the connections whose password is another one now."""
    subprocess.run(["mosquitto_passwd", "-b", str(broker.folder / "passwords"), "pwlog", word], check=True)
    (broker.folder / "passwords").chmod(0o644)
    broker.process.send_signal(signal.SIGHUP)


def lines(word):
    return [line for line in daemon.log().splitlines() if "MQTT" in line and word in line]


def fresh_daemon():
    (scratch.path / "run.log").unlink(missing_ok=True)
    return Daemon(scratch)


def last_error(word, what):
    return wait_until(lambda: word in status().get("last_error", "") and status()["last_error"], 30, what)


scratch = Scratch()
(scratch.path / "broker").mkdir()
scratch.path.chmod(0o755)
secret = scratch.path / "password"
secret.write_text("secret\n")
secret.chmod(0o600)
broker = Broker(scratch.path / "broker")
named, acl = free_port(), broker.folder / "acl"
acl.write_text("user pwlog\ntopic readwrite #\ntopic readwrite $CONNECTED/#\n")
# A list in a file lets everybody subscribe to anything and then delivers nothing; this plugin's refuses.
plugin = next(pathlib.Path("/usr/lib").rglob("mosquitto_dynamic_security.so"))
guarded, rules = free_port(), broker.folder / "rules"
rules.write_text(json.dumps({
    "defaultACLAccess": {"publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True},
    "roles": [{"rolename": "admin", "acls": [{"acltype": "publishClientSend", "topic": "$CONTROL/#", "allow": True},
                                             {"acltype": "subscribePattern", "topic": "homeassistant/#", "allow": True}]}],
    "groups": [{"groupname": "all", "roles": [{"rolename": "admin"}]}], "anonymousGroup": "all"}))
with open(broker.folder / "mosquitto.conf", "a") as conf:
    conf.write("listener %d 127.0.0.1\nallow_anonymous false\npassword_file %s/passwords\nacl_file %s\n"
               % (named, broker.folder, acl))
    conf.write("listener %d 127.0.0.1\nallow_anonymous true\nplugin %s\nplugin_opt_config_file %s\n"
               % (guarded, plugin, rules))
broker.kill()
broker.start()
pdu = Pdu(scratch.path / "pdu", seed=61)
ats = Ats(scratch.path / "ats", seed=62)

# A password that the broker does not take yet; then ours is changed, and then the broker's and ours.
login = {"username": "pwlog", "password_file": secret}
secret.write_text("old\n")
configure(named, **login)
daemon = fresh_daemon()
last_error("uthori", "a refused login")
secret.write_text("secret\n")
wait_until(lambda: status().get("connected"), 40, "the password of the file as it is now")
check(len(lines("refused: ")) == 1, "the refusal is told once: %s" % lines("refused: "))
set_password("second")
last_error("", "the end of the connection")
wait_until(lambda: not status()["connected"], 30, "the broker to want another password")
secret.write_text("second\n")
wait_until(lambda: status()["connected"], 40, "the changed password")
set_password("third")
secret.write_text("third\n")
wait_until(lambda: status()["reconnects"] >= 2 and status()["connected"], 60, "both changed at once")

# An access list that forbids what it allowed, and allows it again.
acl.write_text("user pwlog\ntopic readwrite $CONNECTED/#\ntopic readwrite homeassistant/#\ntopic readwrite P/ats/#\n")
daemon.stop()
broker.process.send_signal(signal.SIGHUP)
daemon = fresh_daemon()
last_error("does not take", "what the access list forbids")
check(1 <= len(lines("does not take")) <= 5, lines("does not take"))
acl.write_text("user pwlog\ntopic readwrite #\ntopic readwrite $CONNECTED/#\n")
broker.process.send_signal(signal.SIGHUP)
wait_until(lambda: status()["connected"] and not status().get("last_error"), 90, "all to be allowed again")
daemon.stop()

# A subscription that is refused: told once, seen by the doctor, and commands arrive once it may be.
configure(guarded, commands=True)
daemon = fresh_daemon()
error = last_error("P/pdu/outlet/+/", "the refused filters")
check("Not authorized" in error and status()["connected"], error)
findings = json.loads(pwlog("doctor", "--json", "--config", scratch.config).stdout)["findings"]
found = {finding["name"]: finding for finding in findings if finding["step"] == "broker"}
check(found["subscription_refused"]["verdict"] == "fail" and found["subscription_refused"]["next"], found)
check("P/pdu/outlet/+/" in found["publishing_fails"]["message"], found)
subprocess.run(["mosquitto_pub", "-p", str(guarded), "-t", "$CONTROL/dynamic-security/v1", "-m", json.dumps({"commands": [
    {"command": "setDefaultACLAccess", "acls": [{"acltype": "subscribe", "allow": True}]}]})], check=True)
wait_until(lambda: not status().get("last_error"), 90, "the subscription")
check(len(lines("P/pdu/outlet/+/set")) == 1, "told once: %s" % lines("P/pdu/outlet"))
subprocess.run(["mosquitto_pub", "-p", str(guarded), "-t", "P/pdu/outlet/out8/set", "-m", "OFF"], check=True)
wait_until(lambda: pdu.set_commands, 30, "the command")
check(pdu.set_commands == ["S,800"], "the command: %s" % pdu.set_commands)
pdu.set_commands.clear()
daemon.stop()

# A plain client at a port for TLS, and the other way round.
configure(broker.secure)
daemon = fresh_daemon()
error = last_error("tls = true", "the hint to use TLS")
wait_until(lambda: status()["last_error"] == error, 5, "the same reason again")
broker.kill()
broker.start()
last_error("tls = true", "the hint to use TLS, after the broker has come back")
check(len(lines("tls = true")) <= 2, lines("tls = true"))
daemon.stop()
configure(broker.plain, tls=True, ca_file=broker.folder / "ours-ca.pem")
daemon = fresh_daemon()
last_error("tls = false", "the hint that there is no TLS")
check(len(lines("tls = false")) == 1, lines("tls = false"))
daemon.stop()

# Leftovers: of a device with another id now, in both forms; and what others have announced, which stays.
listener = Listener(broker)


def announcement(presence, origin="pwlog"):
    return json.dumps({"device": {"identifiers": ["x"]}, "origin": {"name": origin, "sw_version": "1"},
                       "availability": [{"topic": presence, "payload_available": "1", "payload_not_available": "0"}]},
                      separators=(",", ":"))


ours, theirs = announcement("$CONNECTED/rack"), announcement("$CONNECTED/rack2")
leftover = ["device/pwlog_old/config", "sensor/pwlog_old/in_v/config", "binary_sensor/pwlog_old/alarm/config",
            "switch/pwlog_old/out8_switch/config", "button/pwlog_old/out8_cancel/config"]
kept = {"device/pwlog_rack2/config": theirs, "sensor/pwlog_rack2/in_v/config": theirs,
        "device/pwlog_foreign/config": announcement("$CONNECTED/rack", "other"),
        "device/zigbee/config": ours, "sensor/x/pwlog_old/config": ours, "sensor/pwlog_old/config": ours,
        "device/pwlog_broken/config": "{", "device/pwlog_named/config": json.dumps({"name": "$CONNECTED/rack pwlog"}),
        "device/pwlog_old/state": ours, "climate/pwlog_old/x/config": ours}
for topic in leftover:
    broker.say("homeassistant/" + topic, ours, "-r")
for topic, payload in kept.items():
    broker.say("homeassistant/" + topic, payload, "-r")
configure(broker.plain, commands=True)
daemon = fresh_daemon()
wait_until(lambda: all(listener.newest("homeassistant/" + topic) == "" for topic in leftover), 30, "the leftovers to go")
wait_until(lambda: listener.newest("homeassistant/device/pwlog_pdu1/config"), 30, "what is there to be announced")
again = Listener(broker, "homeassistant/#")
wait_until(lambda: again.newest("homeassistant/device/pwlog_pdu1/config"), 20, "what is retained")
for topic, payload in kept.items():
    check(again.newest("homeassistant/" + topic) == payload, "taken away or changed: " + topic)
check(not any(again.newest("homeassistant/" + topic) for topic in leftover), "leftovers stay")
again.stop()

# An odd command is stored as it came, refused, and no request for "off".
for payload in ("toggle", "off ", "OFF\x1b[2J", "2", "no"):
    broker.say("P/pdu/outlet/out8/set", payload)
broker.say("P/pdu/outlet/out8/cancel", "OFF")


def requests():
    found = [json.loads(payload) for topic, payload in list(listener.messages)
             if topic == "P/event" and "switch_request" in payload]
    return [(event["powerwalker"]["event"]["command"], event["event"]["outcome"],
             event["event"].get("reason", "")) for event in found]


wait_until(lambda: len(requests()) >= 6, 30, "an event of each")
check({command for command, _, _ in requests()} >= {"toggle", "off ", "2", "no", "OFF"}, requests())
check(all(outcome == "failure" and "expected" in reason for _, outcome, reason in requests()), requests())
check(not any(command == "off" for command, _, _ in requests()), "a request for off: %s" % requests())
check(pdu.set_commands == [], "reached the wire: %s" % pdu.set_commands)

# Somebody else with our id: few connections, and the reason. Then all is well again.
before = status()["reconnects"]
thief = subprocess.Popen(["mosquitto_sub", "-V", "5", "-h", "127.0.0.1", "-p", str(broker.plain), "-i", "rack", "-t", "x"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
last_error("client_id", "the likely reason named")
thief.kill()
thief.wait()
wait_until(lambda: status()["connected"], 60, "to be connected again")
check(status()["reconnects"] - before < 20, "%d connections" % (status()["reconnects"] - before))
check(len(lines("client_id")) <= 3, lines("client_id"))

took, ended = daemon.stop()
check(ended == 0 and took < 3, "run ended with %s after %.1f s" % (ended, took))
listener.stop()
broker.kill()
pdu.stop()
ats.stop()
scratch.remove()
