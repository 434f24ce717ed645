# SPDX-License-Identifier: MIT
"""A reload that needs more threads than can be made says so, and the configuration before it holds: its devices, its broker."""
import json
import resource

from broker import Broker, Listener
from captured_device import CapturedPdu
from harness import Daemon, Scratch, check, pwlog, wait_until

# A thread's stack reserves 8 MB: some are found among what ended threads left, never so many.
MORE = 40
ROOM = 32 << 20


def configure(count):
    text = ('interval = "2s"\ncontrol_socket = "%s"\n[elasticsearch]\nhosts = ["http://127.0.0.1:9"]\n'
            '[spool]\npath = "%s"\n[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "P"\ndiscovery = "off"\n'
            '[[pdu]]\nid = "pdu"\nport = "%s"\n'
            % (scratch.path / "pwlog.sock", scratch.path / "spool", broker.plain, pdu.link))
    for number in range(count):
        text += '[[ats]]\nid = "ats%d"\nport = "%s/absent%d"\n' % (number, scratch.path, number)
    scratch.config.write_text(text)
    scratch.config.chmod(0o600)


def reload():
    done = pwlog("reload", "--config", scratch.config)
    return done.returncode, done.stderr


def state():
    return json.loads(pwlog("status", "--json", "--config", scratch.config).stdout)


def allow(room):
    with open("/proc/%d/statm" % daemon.process.pid) as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    limit = resource.RLIM_INFINITY if room is None else size + room
    resource.prlimit(daemon.process.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def check_as_before(when):
    now = state()
    check([d["id"] for d in now["devices"]] == ["pdu"], "the devices %s: %s" % (when, now["devices"]))
    heard = len(listener.messages)
    wait_until(lambda: any(topic.startswith("P/pdu/") for topic, _ in listener.messages[heard:]), 20,
               "a new state at the broker " + when)


scratch = Scratch()
scratch.path.chmod(0o755)
(scratch.path / "broker").mkdir()
broker = Broker(scratch.path / "broker")
listener = Listener(broker)
pdu = CapturedPdu(scratch.path / "pdu", paced=False)
configure(0)
daemon = Daemon(scratch)
wait_until(lambda: listener.newest("P/pdu/availability") == "online", 20, "the first sample at the broker")
allow(ROOM)
configure(MORE)
status, said = reload()
check(status != 0 and "TasksMax" in said, "a reload without threads: %d %s" % (status, said))
check_as_before("after the reload that failed")
configure(0)
check(reload() == (0, ""), "the configuration that holds is read again")
check_as_before("after it was read again")
allow(None)
configure(MORE)
check(reload() == (0, ""), "the reload once there are threads")
check(len(state()["devices"]) == 1 + MORE, "the devices once there are threads")
took, ended = daemon.stop()
check(ended == 0, "run ended with %s" % ended)
listener.stop()
broker.kill()
scratch.remove()
