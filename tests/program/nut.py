# SPDX-License-Identifier: MIT
"""A real NUT server with its dummy driver, on loopback: `rack` says what SAID has."""
import atexit
import os
import pathlib
import shutil
import socket
import subprocess

from broker import free_port
from harness import wait_until

UPSD = shutil.which("upsd", path="/lib/nut:/usr/lib/nut")  # the one in /sbin asks /etc/nut/nut.conf
DRIVER = shutil.which("dummy-ups", path="/lib/nut:/usr/lib/nut")
SAID = {"battery.charge": "87", "battery.runtime": "1320", "battery.voltage": "54.1", "input.voltage": "230.4",
        "output.voltage": "229.9", "ups.load": "23", "ups.status": "OL CHRG", "ups.mfr": "PowerWalker",
        "ups.model": "VI 1500 RT HID"}


class Nut:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.port = free_port()
        (self.folder / "ups.conf").write_text("[rack]\ndriver = dummy-ups\nport = %s/rack.dev\n" % self.folder)
        (self.folder / "upsd.conf").write_text("LISTEN 127.0.0.1 %d\n" % self.port)
        (self.folder / "upsd.users").write_text("")
        (self.folder / "rack.dev").write_text("".join("%s: %s\n" % item for item in SAID.items()))
        self.environment = {**os.environ, "NUT_CONFPATH": str(folder), "NUT_STATEPATH": str(folder),
                            "NUT_ALTPIDPATH": str(folder)}
        self.driver = self.spawn(DRIVER, "-D", "-a", "rack")
        self.server = None
        self.start_server()

    def spawn(self, *command):
        user = ["-u", "root"] if os.geteuid() == 0 else []
        process = subprocess.Popen([*command, *user], env=self.environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        atexit.register(process.kill)
        return process

    def start_server(self):
        wait_until(lambda: list(self.folder.glob("dummy-ups-*")), 20, "the driver's socket")
        self.server = self.spawn(UPSD, "-D")

    def status(self):
        """`WAIT` as long as the driver has not said anything yet."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as talk:
                talk.sendall(b"GET VAR rack ups.status\n")
                return talk.recv(200).decode()
        except OSError:
            return ""

    def stop_server(self):
        self.server.terminate()
        self.server.wait()
