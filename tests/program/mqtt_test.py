# SPDX-License-Identifier: MIT
"""The daemon and a real broker, over TLS with password and client certificate: what is published is what the devices
said, letter by letter; a broker that comes and goes costs no sample; who is refused says why."""
import json

from broker import Broker, Listener, make_authority
from harness import Daemon, Scratch, check, pwlog, wait_until
from line_device import Ats, Pdu

WORDS = ["Off", "On", "Shutdown active", "Shutdown imminent", "Restore active", "Overload alarm", "Locked"]


def compact(**values):
    return json.dumps(values, separators=(",", ":"))


def whole(device, query):
    return [payload.split() for _, asked, payload, _ in device.said if asked == query]


def channel(index):
    return "in" if index == 0 else "out%d" % index


def could_be_said(topic, pdu, ats):
    """Every payload that the devices' answers so far allow on a topic, as the library would have written it."""
    group, name = topic.split("/")[-2:]
    allowed = set()
    index = 0 if name == "in" else int(name[3:]) if name[3:].isdigit() else None
    if topic.startswith("P/pdu/power/"):
        watts, volt_amperes, amperes = ({float(said[first + index]) for said in whole(pdu, query)}
                                        for query, first in (("QPW", 0), ("QPVA", 0), ("QGS", 3)))
        allowed = {compact(w=int(w), va=int(va), a=a) for w in watts for va in volt_amperes for a in amperes}
    elif topic.startswith("P/pdu/energy/"):
        allowed = {compact(kwh=float(energy[index])) for energy in whole(pdu, "QEC")}
    elif topic.startswith("P/pdu/outlet/"):
        for status in whole(pdu, "QGS"):
            state = int(status[0][7 + index])
            allowed.add(compact(status=state, state=WORDS[state], restore_sec=0, shutdown_sec=0))
    elif topic == "P/pdu/status":
        for status in whole(pdu, "QGS"):
            allowed.add(compact(in_hz=float(status[2]), in_v=float(status[1]), temp_c=float(status[12]),
                                low_in_voltage=0, high_in_voltage=0, low_in_current=0, high_in_current=0,
                                pwr_fail_aux1=0, pwr_fail_aux2=0))
    elif group == "supply":
        for m in whole(ats, "QATS"):
            at = 0 if name == "src1" else 2
            allowed.add(compact(v=float(m[at]), hz=float(m[at + 1]), active=int(at == 0), preferred=int(at == 0), bad=0))
    elif topic == "P/ats/status":
        for m in whole(ats, "QATS"):
            for overload in (0, 1):
                allowed.add(compact(temp_c=float(m[7]), out_a=float(m[5]), out_pct=float(m[4]), sync_angle=float(m[6]),
                                    aux_pwr1_fail=0, aux_pwr2_fail=0, on_fault_mode=0, overload_alarm=overload,
                                    overload_fault=0, short_fault=0, syncron_bad=0))
    return allowed


def section(broker, **more):
    text = '\n[mqtt]\nhost = "127.0.0.1"\nprefix = "P"\nclient_id = "rack"\nport = %d\n' % broker.secure
    keys = {"username": "pwlog", "password_file": scratch.path / "password", "ca_file": broker.folder / "ours-ca.pem",
            "client_cert": broker.folder / "ours-client.pem", "client_key": broker.folder / "ours-client.key", **more}
    return text + "".join('%s = "%s"\n' % item for item in keys.items())


def status():
    """Without any answer as long as the daemon is not there yet."""
    return json.loads(pwlog("status", "--json", "--config", scratch.config).stdout or '{"mqtt":{}}')


def configure(mqtt):
    scratch.write_config("http://127.0.0.1:9", pdu.link, ats.link, interval="3s")
    scratch.config.write_text(scratch.config.read_text() + mqtt)


scratch = Scratch()
(scratch.path / "broker").mkdir()
(scratch.path / "password").write_text("secret\n")
(scratch.path / "password").chmod(0o600)
scratch.path.chmod(0o755)
broker = Broker(scratch.path / "broker")
pdu = Pdu(scratch.path / "pdu", seed=21)
ats = Ats(scratch.path / "ats", seed=22)

# A broker whose certificate another authority has signed, and one that does not like the password.
for name, more, word in (("authority", {"ca_file": make_authority(scratch.path, "theirs")}, "certificate"),
                         ("password", {"password_file": scratch.path / "wrong"}, "uthori")):
    (scratch.path / "wrong").write_text("other\n")
    (scratch.path / "wrong").chmod(0o600)
    configure(section(broker, **more))
    daemon = Daemon(scratch)
    error = wait_until(lambda: status()["mqtt"].get("last_error"), 20, "a refusal")
    check(word in error, "wrong %s: %s" % (name, error))
    daemon.stop()

configure(section(broker))
listener = Listener(broker)
daemon = Daemon(scratch)
wait_until(lambda: listener.newest("P/alert") and "ats_src1" in listener.newest("P/alert")
           and "pdu_out1" in listener.newest("P/alert"), 20, "both devices on the broker")
check(listener.newest("$CONNECTED/rack") == "1", "nobody said to be connected")

# The broker dies twenty-one times while devices are read, and gets the states after each third.
before = {device["id"]: device for device in status()["devices"]}
for _ in range(7):
    listener.stop()
    for _ in range(3):
        broker.kill()
        broker.start()
    listener = Listener(broker)
    wait_until(lambda: listener.newest("$CONNECTED/rack") == "1" and listener.newest("P/pdu/power/in")
               and listener.newest("P/ats/status"), 40, "the states after a restart")
after = {device["id"]: device for device in status()["devices"]}
for name in ("pdu1", "ats1"):
    check(all(after[name][what] == before[name][what] for what in ("late", "failed")),
          "%s: %s, before %s" % (name, after[name], before[name]))
    check(after[name]["cycles"] > before[name]["cycles"], "%s is not read any more" % name)
counters = status()["mqtt"]
check(counters["connected"] and counters["reconnects"] >= 7 and counters["published"] > 0, counters)

took, ended = daemon.stop()
check(ended == 0 and took < 2, "run ended with %s after %.1f s" % (ended, took))
wait_until(lambda: listener.newest("$CONNECTED/rack") == "0", 20, "the goodbye")
wait_until(lambda: "pwlog stopped" in (listener.newest("P/event") or ""), 20, "the event of the end")
listener.stop()
pdu.stop()
ats.stop()
seen = {}
for topic, payload in listener.messages:
    if topic.startswith("P/") and topic not in seen:
        seen[topic] = could_be_said(topic, pdu, ats)
    check(not seen.get(topic) or payload in seen[topic], "%s: nobody said %s" % (topic, payload))
seen = [topic for topic, allowed in seen.items() if allowed]
check(len(seen) == 9 + 9 + 8 + 1 + 2 + 1, "topics with states: %s" % sorted(seen))
broker.kill()
scratch.remove()
