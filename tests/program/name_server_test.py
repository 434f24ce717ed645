# SPDX-License-Identifier: MIT
"""A name server that takes each question and answers none: a stop does not wait for it, whatever asked. In a network
namespace of the test's own, where nobody else's port 53 is."""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

if len(sys.argv) < 2:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-mn", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("skipped: needs root, mount and network namespaces")
        sys.exit(77)
    os.execvp("unshare", ["unshare", "-mn", "--propagation", "private", sys.executable, __file__, "inside"])

from harness import BINARY, Daemon, Scratch, check, wait_until


class NameServer:
    """Writes down the names that it is asked for."""

    def __init__(self):
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            packet, at, labels = self.socket.recv(4096), 12, []
            while packet[at]:
                labels.append(packet[at + 1:at + 1 + packet[at]].decode())
                at += 1 + packet[at]
            self.asked.append(".".join(labels))


scratch = Scratch()
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for name, text in (("resolv.conf", "nameserver 127.0.0.1\noptions timeout:20 attempts:3\n"),
                   ("nsswitch.conf", "hosts: files dns\n")):
    (scratch.path / name).write_text(text)
    subprocess.run(["mount", "--bind", scratch.path / name, os.path.realpath("/etc/" + name)], check=True)
server = NameServer()

DEVICE = '[[ats]]\nid = "near"\nport = "%s"\n' % (scratch.path / "nothing")
MQTT = '[mqtt]\nhost = "broker.example"\npresence_topic = "P/present"\n'
LOGGERS = {
    "search.example": ("https://search.example:9200", DEVICE),
    "broker.example": ("http://127.0.0.1:9", DEVICE + MQTT),
    "plain.example": ("http://127.0.0.1:9", DEVICE + MQTT.replace("broker.", "plain.") + 'tls = false\nallow_plaintext = true\n'),
    "ups.example": ("http://127.0.0.1:9", '[[ups]]\nid = "ups"\nhost = "ups.example"\ninterval = "2s"\n'),
    "line.example": ("http://127.0.0.1:9", '[[ats]]\nid = "far"\nport = "tcp://line.example:2001"\n'),
}


def is_asked_for(name):
    return any(asked.startswith(name) for asked in server.asked)


for name, (url, sections) in LOGGERS.items():
    scratch.write_config(url)
    scratch.config.write_text(scratch.config.read_text() + sections)
    daemon = Daemon(scratch)
    wait_until(lambda: is_asked_for(name) or daemon.process.poll() is not None, 30, "a question for " + name)
    took, status = daemon.stop(within=90)
    check(took < 2 and status == 0, "%s: the stop took %.1f s, exit %d\n%s" % (name, took, status, daemon.log()))
    server.asked.clear()

# Who waits at a terminal ends a command as soon.
COMMANDS = (["info", "--port", "tcp://line.example:2001"], ["discover", "--port", "tcp://line.example:2001"],
            ["doctor", "--config", str(scratch.config)])
for arguments in COMMANDS:
    server.asked.clear()
    command = subprocess.Popen([BINARY, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL)
    wait_until(lambda: is_asked_for("line.example") or command.poll() is not None, 30, "a question by %s" % arguments)
    begin = time.monotonic()
    command.send_signal(signal.SIGINT)
    try:
        command.wait(90)
    except subprocess.TimeoutExpired:
        command.kill()
    took = time.monotonic() - begin
    check(took < 2, "%s: Ctrl-C took %.1f s" % (arguments, took))
