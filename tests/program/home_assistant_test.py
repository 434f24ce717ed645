# SPDX-License-Identifier: MIT
"""What Home Assistant is told: by the keys that its documentation knows, of topics that are there, and no switch for an
outlet that commands are not taken for; told anew at its birth, taken away by `setup --remove`."""
import json
import re
import sys

from broker import Broker, Listener
from harness import Daemon, Scratch, check, pwlog, wait_until
from line_device import Ats, Pdu

# home-assistant.io/integrations/mqtt (device discovery, origin, availability) and …/sensor.mqtt, binary_sensor.mqtt,
# switch.mqtt, button.mqtt. First what must be there, then what else we use.
COMMON = {"name", "unique_id", "entity_category", "device_class"}
KEYS = {"sensor": ({"state_topic"}, {"value_template", "unit_of_measurement", "state_class", "options",
                                     "suggested_display_precision"}),
        "binary_sensor": ({"state_topic"}, {"value_template", "payload_on", "payload_off"}),
        "switch": ({"command_topic"}, {"state_topic", "value_template", "payload_on", "payload_off"}),
        "button": ({"command_topic"}, {"payload_press"})}
DEVICE = {"identifiers", "name", "manufacturer", "model", "sw_version"}
# home-assistant.io/integrations/sensor: which units a device class may have.
UNITS = {"power": "W", "apparent_power": "VA", "current": "A", "voltage": "V", "frequency": "Hz", "energy": "kWh",
         "temperature": "°C", "battery": "%", "duration": "s"}
FRAME = {"device", "origin", "availability", "availability_mode"}


def check_frame(config):
    check(set(config["device"]) <= DEVICE and config["device"]["identifiers"], config["device"])
    check(set(config["origin"]) == {"name", "sw_version"} and config["origin"]["name"] == "pwlog", config["origin"])
    for entry in config["availability"]:
        check(set(entry) <= {"topic", "payload_available", "payload_not_available"}, entry)
    check(config["availability_mode"] == "all", config["availability_mode"])


def check_entity(platform, entity, states):
    must, may = KEYS[platform]
    check(must | {"unique_id", "name"} <= set(entity) <= must | may | COMMON, "%s: %s" % (platform, entity))
    check(re.fullmatch("[a-zA-Z0-9_-]+", entity["unique_id"]), entity["unique_id"])
    if entity.get("device_class") in UNITS:
        check(entity["unit_of_measurement"] == UNITS[entity["device_class"]], entity)
    if entity.get("device_class") == "energy":
        check(entity["state_class"] == "total_increasing", entity)
    if entity.get("device_class") == "enum":
        check(entity["options"] and "state_class" not in entity and "unit_of_measurement" not in entity, entity)
    if "state_topic" in entity:
        payload = states.get(entity["state_topic"])
        check(payload, "%s: nothing is said on %s" % (entity["unique_id"], entity["state_topic"]))
        for key in re.findall(r"value_json\.(\w+)", entity["value_template"]):
            check(key in json.loads(payload), "%s: no %s in %s" % (entity["unique_id"], key, payload))


def configure(form):
    scratch.write_config("http://127.0.0.1:9", pdu.link, ats.link, interval="2s")
    text = scratch.config.read_text().replace('[[ats]]', 'switchable = [8]\n[[ats]]')
    text += '\n[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "P"\nclient_id = "rack"\n' % broker.plain
    scratch.config.write_text(text + 'commands = true\ndiscovery = "%s"\n' % form)


def configs(listener):
    return {topic: payload for topic, payload in listener.messages
            if topic.startswith("homeassistant/") and topic.endswith("/config")}


def announced(form):
    """The retained configurations, of a daemon that has read both devices and knows what they are."""
    configure(form)
    daemon = Daemon(scratch)
    listener = Listener(broker)
    wait_until(lambda: sum('"00.15"' in text or '"00181.00"' in text for text in configs(listener).values())
               >= (2 if form == "device" else 60), 30, "both devices with their firmware")
    # Home Assistant's birth: everything once more.
    before = len(listener.messages)
    broker.say("homeassistant/status", "online")
    wait_until(lambda: set(configs(listener)) == {topic for topic, _ in listener.messages[before:] if
                                                 topic.startswith("homeassistant/") and topic.endswith("/config")},
               20, "everything anew after a birth, as " + form)
    daemon.stop()
    listener.stop()
    return {topic: json.loads(text) for topic, text in configs(listener).items() if text}, dict(listener.messages)


scratch = Scratch()
(scratch.path / "broker").mkdir()
scratch.path.chmod(0o755)
broker = Broker(scratch.path / "broker")
pdu = Pdu(scratch.path / "pdu", seed=31)
ats = Ats(scratch.path / "ats", seed=32)

devices, states = announced("device")
check(set(devices) == {"homeassistant/device/pwlog_pdu1/config", "homeassistant/device/pwlog_ats1/config"}, devices)
if len(sys.argv) > 1:  # for a validation with Home Assistant's own code
    with open(sys.argv[1], "w") as out:
        json.dump(devices, out)
whole = {}
for config in devices.values():
    check(set(config) == FRAME | {"components"}, list(config))
    check_frame(config)
    for name, component in config["components"].items():
        platform = component.pop("platform")
        if component:  # else it is to be taken away
            check_entity(platform, component, states)
            whole[component["unique_id"]] = (platform, component)
        else:
            check(platform in ("switch", "button"), name)
kinds = [platform for platform, _ in whole.values()]
check([kinds.count(kind) for kind in ("switch", "button")] == [1, 1], kinds)
check(whole["pwlog_pdu1_out8_switch"][1]["command_topic"] == "P/pdu/outlet/out8/set", "which outlet is switched")
energy = [entity for _, entity in whole.values() if entity.get("device_class") == "energy"]
check(len(energy) == 9, "energy of input and outlets: %d" % len(energy))

entities, states = announced("entity")
single = {}
for topic, config in entities.items():
    frame = {key: config.pop(key) for key in FRAME}
    check_frame(frame)
    _, platform, node, name, _ = topic.split("/")
    check(config["unique_id"] == "%s_%s" % (node, name), topic)
    check_entity(platform, config, states)
    single[config["unique_id"]] = (platform, config)
check(single == whole, "both forms say the same")

removal = pwlog("setup", "--remove", "--config", scratch.config)
check("home_assistant/discovery  removed" in removal.stdout, removal.stdout + removal.stderr)
check(removal.returncode == 6, "Elasticsearch is not there, and that is said: %s" % removal.returncode)
left = Listener(broker, "homeassistant/#", "P/#")
wait_until(lambda: left.newest("P/pdu/power/in"), 20, "what is retained")
check(not configs(left), "announced still: %s" % list(configs(left)))
broker.kill()
unreachable = pwlog("setup", "--remove", "--config", scratch.config)
check("home_assistant/discovery  failed" in unreachable.stdout and unreachable.returncode == 6, unreachable)
left.stop()
pdu.stop()
ats.stop()
scratch.remove()
