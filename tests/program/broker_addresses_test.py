# SPDX-License-Identifier: MIT
"""A broker's name with several addresses, with TLS and without: one that is closed, one that takes the connection and says
nothing, one with the certificate of somebody else, and the one that is right. All get their turn, the daemon's and the
doctor's, and each is asked for the name. In namespaces of the test's own, for its hosts file."""
import json
import os
import socket
import ssl
import subprocess
import sys
import threading

if len(sys.argv) < 2:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-mn", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("skipped: needs root, mount and network namespaces")
        sys.exit(77)
    os.execvp("unshare", ["unshare", "-mn", "--propagation", "private", sys.executable, __file__, "inside"])

from broker import MOSQUITTO, make_authority
from harness import Daemon, Scratch, check, pwlog, wait_until

NAME = "broker.example"
CLOSED, SILENT, STRANGER, RIGHT = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"
PLAIN, SECURE = 1883, 8883


class SilentServer:
    """Takes connections and, with TLS, remembers the name that it was asked for; CONNECT is not answered."""

    def __init__(self, port, context=None):
        self.names, self.taken, self.open = [], 0, []
        self.context = context
        if context:
            context.sni_callback = lambda _, name, __: self.names.append(name)
        self.listener = socket.create_server((SILENT, port))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            taken, _ = self.listener.accept()
            self.taken += 1
            try:
                self.open.append(self.context.wrap_socket(taken, server_side=True) if self.context else taken)
            except OSError:
                pass


def start_mosquitto(address, authority):
    conf = scratch.path / (authority + ".conf")
    conf.write_text("per_listener_settings true\npersistence false\nlistener %d %s\nallow_anonymous true\n"
                    "listener %d %s\nallow_anonymous true\ncafile %s\ncertfile %s\nkeyfile %s\n"
                    % (PLAIN, address, SECURE, address, *(scratch.path / (authority + end) for end in
                                                          ("-ca.pem", "-server.pem", "-server.key"))))
    process = subprocess.Popen([MOSQUITTO, "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: is_open(address), 20, "mosquitto at " + address)
    return process


def is_open(address):
    with socket.socket() as probe:
        return probe.connect_ex((address, SECURE)) == 0


def say_addresses(*addresses):
    hosts.write_text("127.0.0.1 localhost\n" + "".join("%s %s\n" % (address, NAME) for address in addresses))


def configure(host=NAME, **more):
    scratch.write_config("http://127.0.0.1:9")
    keys = {"host": host, "client_id": "rack", "prefix": "P", **more}
    scratch.config.write_text(
        scratch.config.read_text() + '[[ats]]\nid = "a"\nport = "%s"\n[mqtt]\n' % (scratch.path / "nothing")
        + "".join("%s = %s\n" % (key, json.dumps(value if isinstance(value, bool) else str(value)))
                  for key, value in keys.items()))


def mqtt():
    return json.loads(pwlog("status", "--json", "--config", scratch.config).stdout or '{"mqtt":{}}')["mqtt"]


def examine():
    report = json.loads(pwlog("doctor", "--json", "--config", scratch.config).stdout)["findings"]
    return {finding["name"]: finding["message"] for finding in report if finding["step"] == "broker"}


scratch = Scratch()
scratch.path.chmod(0o755)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
hosts = scratch.path / "hosts"
say_addresses(CLOSED)
subprocess.run(["mount", "--bind", hosts, os.path.realpath("/etc/hosts")], check=True)
make_authority(scratch.path, "right", "DNS:" + NAME)
make_authority(scratch.path, "stranger", "DNS:other.example")
for file in scratch.path.iterdir():
    file.chmod(0o644)
# The stranger's certificate is signed by an authority that is trusted, too: only its name is wrong.
trusted = scratch.path / "trusted.pem"
trusted.write_text("".join((scratch.path / (who + "-ca.pem")).read_text() for who in ("right", "stranger")))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(scratch.path / "right-server.pem", scratch.path / "right-server.key")
silent = {True: SilentServer(SECURE, context), False: SilentServer(PLAIN)}
brokers = [start_mosquitto(STRANGER, "stranger"), start_mosquitto(RIGHT, "right")]

for tls in (True, False):
    more = {"ca_file": trusted} if tls else {"tls": False, "allow_plaintext": True}
    configure(**more)
    # One that nobody listens at, and one that takes connections but no client.
    say_addresses(CLOSED, SILENT, RIGHT)
    daemon = Daemon(scratch)
    wait_until(lambda: mqtt().get("connected"), 60, "the address that is right, tls = %s" % tls)
    check(silent[tls].taken > 0, "the silent address was never tried")
    check(set(examine()) == {"broker_answers"}, "the doctor, tls = %s: %s" % (tls, examine()))
    took, ended = daemon.stop()
    check(ended == 0 and took < 3, "run ended with %s after %.1f s" % (ended, took))
check(set(silent[True].names) == {NAME}, "asked for %s" % set(silent[True].names))

# The right name, whoever answers.
configure(ca_file=trusted)
say_addresses(STRANGER)
daemon = Daemon(scratch)
error = wait_until(lambda: mqtt().get("last_error"), 30, "a certificate for another name")
check("certificate" in error and "ostname mismatch" in error, error)
check(not mqtt()["connected"], "connected to a stranger")
found = examine()
check("ostname mismatch" in found.get("broker_tls", ""), found)
say_addresses(STRANGER, RIGHT)
wait_until(lambda: mqtt()["connected"], 60, "the address behind a stranger's")
check(set(examine()) == {"broker_answers"}, "the doctor behind a stranger: %s" % examine())
daemon.stop()

# An address instead of a name has to stand in the certificate as one.
say_addresses(RIGHT)
configure(host=RIGHT, ca_file=trusted)
check("IP address mismatch" in examine().get("broker_tls", ""), examine())

for broker in brokers:
    broker.kill()
scratch.remove()
