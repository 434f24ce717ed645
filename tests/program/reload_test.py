# SPDX-License-Identifier: MIT
"""SIGHUP takes over whatever may change in a configuration, a device that came or went too, and costs no cycle of any
device; what only a start can take over is named; a mistake keeps all as it was."""
import json
import math
import signal
import time

from broker import Broker, Listener
from captured_device import CapturedAts, CapturedPdu
from harness import Daemon, Scratch, check, parse_time, pwlog, wait_until
from nut import SAID, Nut
from stub_server import StubServer

INTERVAL = 2


class Server(StubServer):
    """Keeps what it is sent."""

    def __init__(self):
        self.documents = []
        super().__init__()

    def answer(self, path, body, headers=None):
        if path == "/_bulk":
            self.documents += [json.loads(line) for line in body.splitlines()[1::2]]
        return super().answer(path, body, headers)


def section(kind, device, port, **keys):
    text = '[[%s]]\nid = "%s"\nport = "%s"\n' % (kind, device, port)
    return text + "".join("%s = %s\n" % (key, json.dumps(value)) for key, value in keys.items())


def configure(*devices, url=None, top="", label="one", spool="spool", more="", interval=INTERVAL):
    scratch.config.write_text(
        'interval = "%ds"\ncontrol_socket = "%s"\n%s\n[elasticsearch]\nhosts = ["%s"]\n[labels]\nsite = "%s"\n'
        '[spool]\npath = "%s"\n%s' % (interval, scratch.path / "pwlog.sock", top, url or first.url, label,
                                      scratch.path / spool, more) + "".join(devices))
    scratch.config.chmod(0o600)


def reload(status=0):
    done = pwlog("reload", "--config", scratch.config)
    check(done.returncode == status, "reload: %d %s" % (done.returncode, done.stderr))
    return done.stderr


def of(server, device, dataset, since=0):
    """What was sent of a device, but for the first `since`."""
    return [d for d in server.documents if d["device"]["id"] == device and d["event"]["dataset"] == dataset][since:]


def next_of(server, device, dataset="powerwalker.pdu", label=None):
    """The next one, or the next with this label: what was read before the reload may still be on its way."""
    since = len(of(server, device, dataset))

    def found():
        return [d for d in of(server, device, dataset, since) if label in (None, d["labels"]["site"])]
    return wait_until(found, 20, "a document of %s with label %s" % (device, label))[0]


def state():
    return json.loads(pwlog("status", "--json", "--config", scratch.config).stdout)


def left_out(device):
    """Ticks that the daemon itself counted as late or failed, as on a machine that is busy: no reload's doing."""
    return sum(d["late"] + d["failed"] for d in state()["devices"] if d["id"] == device)


def reload_of(device):
    """What a reload says that puts another reader in the place of the device's, and how many of its ticks may be missing by
    then: those that were counted, and those in the time that this took. It takes no longer than a tick may be late, but where
    the machine is busy, and what falls between two readers neither can count."""
    begun = time.monotonic()
    counted = left_out(device)
    said = reload()
    late = time.monotonic() - begun - INTERVAL / 4
    return said, counted + max(0, math.ceil(late / INTERVAL))


def check_cycles(documents, seconds, excused, what):
    """Each tick has its document: no hole but those, none twice. One that a stall made late may be read just before the next
    tick, never before its own."""
    clock_steering = 0.01
    ticks = sorted(math.floor(parse_time(d["@timestamp"]) + clock_steering) // seconds for d in documents)
    check(len(set(ticks)) == len(ticks), "%s: a tick twice: %s" % (what, ticks))
    holes = ticks[-1] - ticks[0] + 1 - len(ticks)
    check(holes <= excused, "%s: %d ticks without a document, %d excused: %s" % (what, holes, excused, ticks))


scratch = Scratch()
first, second = Server(), Server()
pdu = CapturedPdu(scratch.path / "pdu", paced=False)
still = CapturedPdu(scratch.path / "still", paced=False)
ats = CapturedAts(scratch.path / "ats", paced=False)
unmoved = section("pdu", "still", still.link)
configure(section("pdu", "pdu1", pdu.link), unmoved)
daemon = Daemon(scratch)
next_of(first, "pdu1")
next_of(first, "still")

# Names, tariff, labels, and what may be switched.
configure(section("pdu", "pdu1", pdu.link, name="Rack 7", tariff=0.5, outlets=["nas"] + [""] * 7, switchable=[3]),
          unmoved, label="two")
said, excused = reload_of("pdu1")
check(said == "", "something was said of a whole reload")
next_of(first, "still", label="two")
next_of(first, "pdu1", label="two")
changed = next_of(first, "pdu1", "powerwalker.outlet", label="two")
check(changed["powerwalker"]["outlet"]["name"] == "nas", "the outlet's name: %s" % changed)
check("cost" in json.dumps(next_of(first, "pdu1", label="two")), "no cost by the new tariff")
check(pwlog("outlet", "off", "3", "--yes", "--device", "pdu1", "--dry-run", "--config", scratch.config).returncode == 0,
      "what may be switched")

# A device more, and one less.
both = section("ats", "ats1", ats.link)
configure(section("pdu", "pdu1", pdu.link, name="Rack 7"), unmoved, both, label="two")
excused += reload_of("pdu1")[1]
next_of(first, "ats1", "powerwalker.ats")
check([d["id"] for d in state()["devices"]] == ["pdu1", "still", "ats1"], "the devices of status")
configure(unmoved, both, label="two")
excused += left_out("pdu1")
reload()
asked = len(pdu.said)
next_of(first, "still")
next_of(first, "still")
check(len(pdu.said) == asked and len(state()["devices"]) == 2, "a device that was taken out is read")
gone = pwlog("pdu", "status", "--device", "pdu1", "--config", scratch.config)
check(gone.returncode != 0, "the daemon answers for a device that it has not")

# Another interval, another server, another log level, host.name.
configure(unmoved, section("ats", "ats1", ats.link, interval="1s"), url=second.url, label="two",
          top='log_level = "error"\nhost_name = "other"')
told = daemon.log().count("configuration read again")
reload()
check(daemon.log().count("configuration read again") == told, "the log level")
moved = next_of(second, "still", label="two")
check(moved["host"]["name"] == "other", "host.name: %s" % moved["host"])
for _ in range(4):
    next_of(second, "ats1", "powerwalker.ats")

# What only a start can do, and a mistake.
configure(unmoved, both, url=second.url, label="three", spool="elsewhere")
check("what changed in spool needs a restart" in reload(), "the spool")
check("what changed in spool needs a restart" in pwlog("status", "--all", "--config", scratch.config).stdout, "status says nothing of it")
check(state()["restart_needed_for"] == ["spool"], "status --json")
next_of(second, "still", label="three")
configure(unmoved, both, url=second.url, label="three")
reload()
check(state()["restart_needed_for"] == [], "the spool is as it was")
scratch.config.write_text("what = [")
daemon.process.send_signal(signal.SIGHUP)
wait_until(lambda: "could not be read again" in daemon.log(), 20, "the mistake")
configure(unmoved, both, url=second.url, label="four")
text = scratch.config.read_text()
scratch.config.write_text(text.replace("[elasticsearch]\n", '[elasticsearch]\napi_key_file = "/nowhere/key"\n'))
check("/nowhere/key" in reload(status=1), "a key that is not there")
check(next_of(second, "still")["labels"] == {"site": "three"}, "a reload that failed changed something")

# A secret that is gone is a mistake too, whether or not its section is another.
key, secured = scratch.path / "key", '[elasticsearch]\napi_key_file = "%s"\n' % (scratch.path / "key")
key.write_text("secret")
key.chmod(0o600)
scratch.config.write_text(text.replace("[elasticsearch]\n", secured))
reload()
key.unlink()
check(str(key) in reload(status=1), "a key that is gone")
check(str(key) in state()["configuration_error"], "status says nothing of a key that is gone")
next_of(second, "still")
key.write_text("another")
key.chmod(0o600)
reload()
check(not state()["configuration_error"], "status still speaks of a mistake")

# A broker comes, and goes.
scratch.path.chmod(0o755)  # mosquitto gives up its root rights
(scratch.path / "broker").mkdir()
broker = Broker(scratch.path / "broker")
listener = Listener(broker)
mqtt = '[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "P"\n' % broker.plain
configure(unmoved, both, url=second.url, label="four", more=mqtt)
reload()
wait_until(lambda: any("still" in topic for topic, _ in listener.messages), 20, "what was read, at the broker")
check(state()["mqtt"]["connected"], "status knows no broker")
configure(unmoved, both, url=second.url, label="four")
reload()
check("mqtt" not in state(), "status still knows a broker")
next_of(second, "still")
heard = len(listener.messages)
next_of(second, "still")
check(len(listener.messages) == heard, "what is read still goes to the broker")

# A broker that wants TLS, a certificate and a password, from a fragment. Of its files each is gone once, or something else
# than it should be: then all stays as it was, the connection too.
fragment = scratch.path / "conf.d" / "broker.toml"
fragment.parent.mkdir()
own = {"ca_file": "ours-ca.pem", "client_cert": "ours-client.pem", "client_key": "ours-client.key"}
contents = {key: (broker.folder / name).read_text() for key, name in own.items()}
contents["password_file"] = "secret\n"


def write(key, content):
    file = scratch.path / key
    file.write_text(content)
    file.chmod(0o600)
    return file


def check_refused(file, what):
    check(str(file) in reload(status=1), "%s: not told" % what)
    check(str(file) in state()["configuration_error"], "%s: not in status" % what)


fragment.write_text('[mqtt]\nhost = "127.0.0.1"\nport = %d\nprefix = "P"\nusername = "pwlog"\n' % broker.secure
                    + "".join('%s = "%s"\n' % (key, write(key, content)) for key, content in contents.items()))
reload()
wait_until(lambda: state()["mqtt"]["connected"], 20, "a connection by TLS")
configure(unmoved, both, url=second.url, label="nobody's")
for key, content in contents.items():
    file = scratch.path / key
    if key != "password_file":
        write(key, "nonsense\n")
        check_refused(file, "%s with nonsense in it" % key)
    file.unlink()
    check_refused(file, "%s that is gone" % key)
    write(key, content)
check(next_of(second, "still")["labels"] == {"site": "four"}, "a reload that failed changed something")
check(state()["mqtt"]["connected"] and state()["mqtt"]["reconnects"] == 0, "the connection: %s" % state()["mqtt"])
dangling = fragment.parent / "zz.toml"
dangling.symlink_to("/nowhere/zz.toml")
daemon.process.send_signal(signal.SIGHUP)  # the commands read it, too, and end there
wait_until(lambda: str(dangling) in daemon.log(), 20, "a fragment that is gone")
dangling.unlink()
check(str(dangling) in state()["configuration_error"], "status says nothing of a fragment that is gone")
fragment.unlink()
configure(unmoved, both, url=second.url, label="four")
reload()

# The same of the server's certificates and the proxy's password; what ships has its connection all the time.
text = scratch.config.read_text()
scratch.config.write_text(text.replace("[elasticsearch]\n", '[elasticsearch]\nproxy = "http://127.0.0.1:9"\nproxy_username = "p"\n'
                                       'proxy_password_file = "%s/password_file"\nca_file = "%s/ca_file"\n'
                                       % (scratch.path, scratch.path)))
reload()
for key in ("password_file", "ca_file"):
    (scratch.path / key).unlink()
    check_refused(scratch.path / key, "[elasticsearch] %s that is gone" % key)
    write(key, contents[key])
scratch.config.write_text(text)
reload()
next_of(second, "still")

# A UPS comes, is another one, is itself again, and goes.
nut = Nut(scratch.path / "nut")
wait_until(lambda: "OL CHRG" in nut.status(), 30, "the driver's first word")
ups = '[[ups]]\nid = "ups1"\nport = %d\nups = "rack"\ninterval = "1s"\n' % nut.port
configure(unmoved, both, ups, url=second.url, label="four")
reload()
check(next_of(second, "ups1", "powerwalker.ups")["powerwalker"]["ups"]["status"] == SAID["ups.status"], "the UPS")
check([d["id"] for d in state()["devices"]] == ["still", "ats1", "ups1"], "the UPS in status")
configure(unmoved, both, ups, url=second.url, label="five")
reload()
next_of(second, "ups1", "powerwalker.ups", label="five")
configure(unmoved, both, ups.replace('"rack"', '"nobody"'), url=second.url, label="five")
reload()
wait_until(lambda: [d for d in state()["devices"] if d["id"] == "ups1" and not d["reachable"]], 20,
           "a UPS that the server does not know")
configure(unmoved, both, ups, url=second.url, label="six")
reload()
next_of(second, "ups1", "powerwalker.ups", label="six")
times = [d["@timestamp"] for d in of(second, "ups1", "powerwalker.ups")]
check(len(set(times)) == len(times), "a reading is there twice: %s" % times)
configure(unmoved, both, url=second.url, label="four")
reload()
check([d["id"] for d in state()["devices"]] == ["still", "ats1"], "status still knows the UPS")
count = len(of(second, "ups1", "powerwalker.ups"))
next_of(second, "still")
next_of(second, "still")
check(len(of(second, "ups1", "powerwalker.ups")) == count, "a UPS that was taken out is read")
of_still = left_out("still")
took, ended = daemon.stop()
check(ended == 0, "run ended with %s" % ended)
documents = of(first, "still", "powerwalker.pdu") + of(second, "still", "powerwalker.pdu")
check_cycles(documents, INTERVAL, of_still, "the device that never changed")
before = [d for d in of(first, "pdu1", "powerwalker.pdu")]
check_cycles(before, INTERVAL, excused, "the device whose name changed")
for server in (first, second):
    server.stop()
scratch.remove()
