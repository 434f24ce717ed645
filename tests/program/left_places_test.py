# SPDX-License-Identifier: MIT
"""What the broker has kept of a device that was taken out, or whose topics are another one's now: nobody there takes it for
present, and no switch in Home Assistant is another device's, however long its own cannot be read. By a reload, by a restart
with another configuration, and without Home Assistant."""
import json

from broker import Broker, Listener
from captured_device import CapturedPdu
from harness import Daemon, Scratch, check, pwlog, wait_until


def configure(*devices, discovery="device"):
    text = ('interval = "2s"\ncontrol_socket = "%s"\n[elasticsearch]\nhosts = ["http://127.0.0.1:9"]\n[spool]\npath = "%s"\n'
            '[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "P"\ncommands = true\ndiscovery = "%s"\n'
            % (scratch.path / "pwlog.sock", scratch.path / "spool", broker.plain, discovery))
    for name, port in devices:
        text += '[[pdu]]\nid = "%s"\nport = "%s"\nswitchable = [3]\n' % (name, port)
    scratch.config.write_text(text)
    scratch.config.chmod(0o600)


def reload(*devices, **more):
    configure(*devices, **more)
    done = pwlog("reload", "--config", scratch.config)
    check(done.returncode == 0, "reload: %d %s" % (done.returncode, done.stderr))


def announced(name):
    """Where Home Assistant sends what switches an outlet of it; empty: nowhere."""
    text = listener.newest("homeassistant/device/pwlog_%s/config" % name)
    return json.loads(text)["components"]["out3_switch"]["command_topic"] if text else ""


def wait_for(places, there, gone, what):
    wait_until(lambda: [announced(name) for name in ("one", "two")] == places
               and all(listener.newest(topic + "/pdu/availability") == "online" for topic in there)
               and all(listener.newest(topic + "/pdu/availability") == "offline" for topic in gone), 30, what)


scratch = Scratch()
scratch.path.chmod(0o755)
(scratch.path / "broker").mkdir()
broker = Broker(scratch.path / "broker")
pdus = [CapturedPdu(scratch.path / name, paced=False) for name in ("one", "two")]
one, two = (("one", pdus[0].link), ("two", pdus[1].link))
away = ("one", scratch.path / "away")
listener = Listener(broker)
FIRST, SECOND = "P/pdu/outlet/out3/set", "P/two/pdu/outlet/out3/set"
both = ([FIRST, SECOND], ["P", "P/two"], [])
configure(one, two)
daemon = Daemon(scratch)
wait_for(*both, "both devices")

# The first is the second now, and cannot be read: what was its switch is that of the other device.
reload(two, away)
wait_for(["", FIRST], ["P"], ["P/one", "P/two"], "nothing of the first, which is away, after a reload")
reload(one, two)
wait_for(*both, "both, as before")
daemon.stop()
configure(two, away)
daemon = Daemon(scratch)
wait_for(["", FIRST], ["P"], ["P/one", "P/two"], "nothing of the first, which is away, after a restart")
reload(two, one)
wait_for(["P/one/pdu/outlet/out3/set", FIRST], ["P", "P/one"], ["P/two"], "the one that came back")

# Taken out.
reload(two)
wait_for(["", FIRST], ["P"], ["P/one", "P/two"], "the one that was taken out by a reload")
reload(one, two)
wait_for(*both, "both, as before")
daemon.stop()
configure(one)
daemon = Daemon(scratch)
wait_for([FIRST, ""], ["P"], ["P/two"], "the one that was taken out by a restart")

# Without Home Assistant.
reload(one, two, discovery="off")
wait_for(["", ""], ["P", "P/two"], [], "no announcements")
reload(two, discovery="off")
wait_for(["", ""], ["P"], ["P/two"], "the one that moved")

# What was said last is not said again: the topics may be another logger's by now.
broker.kill()
broker.start()
listener = Listener(broker)
wait_for(["", ""], ["P"], [], "the connection")
heard = len(listener.messages)
wait_until(lambda: "P/pdu/power/in" in [topic for topic, _ in listener.messages[heard:]], 20, "the next cycle")
check(not listener.newest("P/two/pdu/availability"), "the last word was said twice")
took, ended = daemon.stop()
check(ended == 0, "run ended with %s" % ended)
check(not any(pdu.set_commands for pdu in pdus), "something was switched")
listener.stop()
broker.kill()
for pdu in pdus:
    pdu.stop()
scratch.remove()
