# SPDX-License-Identifier: MIT
"""A real mosquitto on loopback, with TLS and a password, and somebody who writes down what is said there."""
import atexit
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading

from harness import wait_until

MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_authority(folder, name, host="IP:127.0.0.1"):
    """A CA with a certificate for a host and one for a client."""
    folder = pathlib.Path(folder)
    ca, key = folder / (name + "-ca.pem"), folder / (name + "-ca.key")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
            "-subj", "/CN=" + name, "-keyout", key, "-out", ca)
    for who, more in (("server", "subjectAltName=" + host), ("client", "extendedKeyUsage=clientAuth")):
        request = folder / "request"
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + who,
                "-keyout", folder / (name + "-" + who + ".key"), "-out", request)
        (folder / "extensions").write_text(more + "\n")
        openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", key, "-CAcreateserial", "-days", 2,
                "-extfile", folder / "extensions", "-out", folder / (name + "-" + who + ".pem"))
    return ca


class Broker:
    """`plain` for the test's own clients; `secure` wants TLS, a client certificate and the password."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.plain, self.secure = free_port(), free_port()
        make_authority(folder, "ours")
        passwords = self.folder / "passwords"
        subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "pwlog", "secret"], check=True)
        self.folder.chmod(0o755)  # mosquitto gives up its root rights
        for file in self.folder.iterdir():
            if file.is_file():
                file.chmod(0o644)
        (self.folder / "mosquitto.conf").write_text(
            "per_listener_settings true\npersistence false\n"
            "max_queued_messages 200000\n"  # all of a flood, however slow the program under a sanitizer is
            "listener %d 127.0.0.1\nallow_anonymous true\n"
            "listener %d 127.0.0.1\nallow_anonymous false\npassword_file %s\nrequire_certificate true\n"
            "cafile %s/ours-ca.pem\ncertfile %s/ours-server.pem\nkeyfile %s/ours-server.key\n"
            % (self.plain, self.secure, passwords, folder, folder, folder))
        self.process = None
        atexit.register(self.kill)
        self.start()

    def start(self):
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.listens, 20, "mosquitto to listen")

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.plain)) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def say(self, topic, payload, *more):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.plain), "-t", topic, "-m", payload, *more],
                       check=True)

    def say_file(self, topic, file):
        """Whatever bytes are in it."""
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.plain), "-t", topic, "-f", str(file)], check=True)


class Listener:
    """Every message as (topic, payload), in order."""

    def __init__(self, broker, *topics):
        filters = [word for topic in topics or ("#", "$CONNECTED/#") for word in ("-t", topic)]
        self.process = subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.plain), "-F", "%t %p",
                                         *filters], stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        self.messages = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            topic, _, payload = line.rstrip("\n").partition(" ")
            self.messages.append((topic, payload))

    def newest(self, topic):
        for heard, payload in reversed(list(self.messages)):
            if heard == topic:
                return payload
        return None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.thread.join()
