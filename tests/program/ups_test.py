# SPDX-License-Identifier: MIT
"""A UPS on a real NUT server with its dummy driver: its documents are what the server says, its topics are what the
library published, and a server that goes away is an event and not a number."""
import json

from broker import Broker, Listener
from harness import Daemon, Scratch, check, pwlog, wait_until
from line_device import Ats
from nut import DRIVER, SAID, Nut


def documents(word):
    text = pwlog("spool", "export", "--config", scratch.config).stdout
    return [json.loads(line) for line in text.splitlines() if word in line]


scratch = Scratch()
(scratch.path / "broker").mkdir()
scratch.path.chmod(0o755)
broker = Broker(scratch.path / "broker")
nut = Nut(scratch.path / "nut")
ats = Ats(scratch.path / "ats", seed=51)
scratch.write_config("http://127.0.0.1:9", ats=ats.link, interval="2s")
scratch.config.write_text(
    scratch.config.read_text()
    + '\n[[ups]]\nid = "ups1"\nport = %d\nups = "rack"\ninterval = "1s"\n' % nut.port
    + '\n[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "P"\nclient_id = "rack"\n' % broker.plain)
wait_until(lambda: "OL CHRG" in nut.status(), 30, "the driver's first word")
once = pwlog("once", "--config", scratch.config)
check(once.returncode == 22 or once.returncode == 6, "once: %s %s" % (once.returncode, once.stderr))
check(len(documents('"powerwalker.ups"')) == 1, "once reads the UPS as well")

listener = Listener(broker)
daemon = Daemon(scratch)
wait_until(lambda: listener.newest("P/ups/availability") == "online" and listener.newest("P/ups/ups.status"), 20,
           "the UPS on the broker")
for name in ("battery.charge", "battery.runtime", "battery.voltage", "ups.load", "ups.status"):
    check(listener.newest("P/ups/" + name) == SAID[name], "%s: %s" % (name, listener.newest("P/ups/" + name)))
wait_until(lambda: listener.newest("homeassistant/device/pwlog_ups1/config"), 20, "Home Assistant's UPS")
device = json.loads(listener.newest("homeassistant/device/pwlog_ups1/config"))["device"]
check(device["manufacturer"] == "PowerWalker" and device["model"] == SAID["ups.model"], device)

# On battery, and low.
(scratch.path / "nut/rack.dev").write_text("ups.status: OB LB\nbattery.charge: 4.5\nups.load: 23\nups.realpower: 310\n"
                                           "ups.temperature: 28.5\nups.alarm: Battery is low!\n")
nut.driver.terminate()
nut.driver.wait()
nut.driver = nut.spawn(DRIVER, "-D", "-a", "rack")
wait_until(lambda: listener.newest("P/ups/ups.status") == "OB LB", 40, "the UPS on battery")
wait_until(lambda: listener.newest("P/ups/ups.realpower") == "310", 20, "a value that it gives only now")
wait_until(lambda: "P/ups/ups.realpower" in listener.newest("homeassistant/device/pwlog_ups1/config"), 20,
           "what appears later to be announced")
check(listener.newest("P/ups/battery.runtime") == "", "what vanished stays: %s" % listener.newest("P/ups/battery.runtime"))
check(listener.newest("P/ups/ups.alarm") == "Battery is low!", "the alarm's text")
nut.stop_server()
wait_until(lambda: listener.newest("P/ups/availability") == "offline", 20, "the UPS to be offline")
wait_until(lambda: any(topic == "P/event" and "device_unreachable" in payload for topic, payload in listener.messages),
           20, "the event of a server that is away")
nut.start_server()
wait_until(lambda: listener.newest("P/ups/availability") == "online", 40, "the UPS to be back")
shown = pwlog("status", "--config", scratch.config).stdout + pwlog("status", "--json", "--config", scratch.config).stdout
check("ups1" in shown, "status: " + shown)
watched = pwlog("watch", "--once", "--config", scratch.config).stdout
check("ups1: ON BATTERY (OB LB)" in watched, "watch: " + watched)
took, ended = daemon.stop()
check(ended == 0 and took < 3, "run ended with %s after %.1f s" % (ended, took))
watched = pwlog("watch", "--once", "--device", "ups1", "--config", scratch.config).stdout
check("ups1: ON BATTERY (OB LB)" in watched, "watch without a daemon: " + watched)

found = documents('"powerwalker.ups"')
first, last = found[0]["powerwalker"]["ups"], found[-1]["powerwalker"]["ups"]
check(first == {"status": "OL CHRG", "on_battery": False, "low_battery": False, "charge_pct": 0.87, "load_pct": 0.23,
                "runtime_s": 1320, "input_v": 230.4, "output_v": 229.9, "battery_v": 54.1}, first)
check(last["status"] == "OB LB" and last["on_battery"] and last["low_battery"] and last["charge_pct"] == 0.045
      and "input_v" not in last, last)
check((last["power_w"], last["temperature_c"], last["alarm"]) == (310, 28.5, "Battery is low!"), last)
happened = [(event["event"]["action"], event.get("powerwalker", {}).get("event", {}).get("alarm"))
            for event in documents('"powerwalker.event"') if event["device"]["id"] == "ups1"]
for alarm in ("on_battery", "low_battery"):
    check(("alarm_started", alarm) in happened, "%s: %s" % (alarm, happened))
check(found[0]["device"] == {"id": "ups1", "manufacturer": "PowerWalker", "model": {"name": SAID["ups.model"]}}, found[0])
listener.stop()
nut.stop_server()
nut.driver.kill()
broker.kill()
ats.stop()
scratch.remove()
