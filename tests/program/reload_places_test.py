# SPDX-License-Identifier: MIT
"""A reload that brings many devices whose ports are not there, and one that changes their order: the program goes on, and
the first of a kind has the topics of the first."""
from broker import Broker, Listener
from harness import Daemon, Scratch, check, pwlog, wait_until

COUNT = 40


def configure(*numbers):
    text = ('interval = "2s"\ncontrol_socket = "%s"\n[elasticsearch]\nhosts = ["http://127.0.0.1:9"]\n'
            '[spool]\npath = "%s"\n[mqtt]\nhost = "127.0.0.1"\ntls = false\nport = %d\nprefix = "P"\ndiscovery = "off"\n'
            % (scratch.path / "pwlog.sock", scratch.path / "spool", broker.plain))
    for number in numbers:
        text += '[[pdu]]\nid = "pdu%d"\nport = "%s/absent%d"\n' % (number, scratch.path, number)
    scratch.config.write_text(text)
    scratch.config.chmod(0o600)


def reload(*numbers):
    configure(*numbers)
    done = pwlog("reload", "--config", scratch.config)
    check(done.returncode == 0, "reload: %d %s" % (done.returncode, done.stderr))


def said_offline(topic):
    return (topic, "offline") in listener.messages


scratch = Scratch()
scratch.path.chmod(0o755)
(scratch.path / "broker").mkdir()
broker = Broker(scratch.path / "broker")
listener = Listener(broker)
configure(0)
daemon = Daemon(scratch)
wait_until(lambda: said_offline("P/pdu/availability"), 20, "the first device")
for _ in range(5):
    reload(*range(COUNT))
    check(daemon.process.poll() is None, "the daemon ended at a reload that brought devices")
    reload(0)
reload(0, 1)
wait_until(lambda: said_offline("P/pdu1/pdu/availability"), 20, "the second device below its own name")
check(not said_offline("P/pdu0/pdu/availability"), "the first device has a name in its topics")
reload(1, 0)
wait_until(lambda: said_offline("P/pdu0/pdu/availability"), 20, "the one that is the second now below its own name")
took, ended = daemon.stop()
check(ended == 0, "run ended with %s" % ended)
listener.stop()
broker.kill()
scratch.remove()
