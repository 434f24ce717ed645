# SPDX-License-Identifier: MIT
"""`discover` without arguments on a machine of its own: a bridge with a PDU, its twin with an ATS, and a keyboard,
which hears nothing unless --all is given. /dev and /sys are the test's, in a mount namespace; the devices are PTYs."""
import atexit
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

if len(sys.argv) < 2:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("skipped: needs root and mount namespaces")
        sys.exit(77)
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, __file__, "inside"])

from harness import check, pwlog, wait_until
from line_device import Ats, LineDevice, Pdu


class Bridge:
    """Takes the report's number and the padding off what it hears."""

    def reply(self, master, request):
        super().reply(master, request.replace("\0", ""))


class BridgedPdu(Bridge, Pdu):
    pass


class BridgedAts(Bridge, Ats):
    pass


class Keyboard(LineDevice):
    def reply(self, master, request):
        self.said.append(request)


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def tidy():
    """Of a test that fails, too; /dev must not hang below the folder any more when that goes."""
    inside = (scratch / "dev").glob("*")
    subprocess.run(["umount", "-l", scratch / "old", "/dev", "/sys", *inside], stderr=subprocess.DEVNULL, check=False)
    if not os.path.ismount(scratch / "old"):
        shutil.rmtree(scratch, ignore_errors=True)


scratch = pathlib.Path(tempfile.mkdtemp(prefix="pwlog-machine-"))
atexit.register(tidy)
pdu = BridgedPdu(scratch / "pdu", paced=False)
ats = BridgedAts(scratch / "ats", paced=False)
keyboard = Keyboard(scratch / "keyboard", paced=False)
terminals = {"hidraw0": pdu, "hidraw1": ats, "hidraw2": keyboard}
places = {"hidraw0": ("1-1", "0665", "5161"), "hidraw1": ("1-2", "0665", "5161"), "hidraw2": ("1-3", "046d", "c31c")}
for folder in ("old", "dev", "sys"):
    (scratch / folder).mkdir()
mount("--rbind", "/dev", scratch / "old")
for node, (socket, vendor, product) in places.items():
    interface = scratch / "sys/devices/usb1" / socket / (socket + ":1.0")
    (interface / "hid").mkdir(parents=True)
    (interface / "bInterfaceNumber").write_text("00\n")
    (interface.parent / "idVendor").write_text(vendor + "\n")
    (interface.parent / "idProduct").write_text(product + "\n")
    (scratch / "sys/class/hidraw" / node).mkdir(parents=True)
    (scratch / "sys/class/hidraw" / node / "device").symlink_to("../../../devices/usb1/%s/%s:1.0/hid" % (socket, socket))
for folder in ("pwlog/by-path", "pwlog/by-id", "pts"):
    (scratch / "dev" / folder).mkdir(parents=True)
for node, device in terminals.items():
    (scratch / "dev" / node).touch()
    mount("--bind", os.path.realpath(device.link), scratch / "dev" / node)
    if node != "hidraw2":
        (scratch / "dev/pwlog/by-path" / ("usb-" + places[node][0])).symlink_to("../../" + node)
(scratch / "dev/pwlog/by-id/usb-bridge-if00").symlink_to("../../hidraw1")
(scratch / "dev/null").touch()
mount("--bind", "/dev/null", scratch / "dev/null")
mount("--rbind", "/dev/pts", scratch / "dev/pts")
mount("--rbind", scratch / "dev", "/dev")
mount("--rbind", scratch / "sys", "/sys")

found = pwlog("discover")
check(found.returncode == 0, "discover: %s" % found.stderr)
check('port = "/dev/pwlog/by-path/usb-1-1"' in found.stdout and 'port = "/dev/pwlog/by-path/usb-1-2"' in found.stdout,
      "the names are not those that stay: %s" % found.stdout)
check('# SUBSYSTEM=="hidraw", KERNELS=="1-2:1.0", SYMLINK+="ats1"' in found.stdout, "no rule: %s" % found.stdout)
check("/dev/hidraw2: left alone: USB 046d:c31c" in found.stderr and "--all" in found.stderr, found.stderr)
check(not keyboard.said, "the keyboard heard %s" % keyboard.said)
found = pwlog("discover", "/dev/hidraw0")
check('port = "/dev/pwlog/by-path/usb-1-1"' in found.stdout, "a passing name is written down: %s" % found.stdout)
os.unlink("/dev/pwlog/by-path/usb-1-1")
found = pwlog("discover", "/dev/hidraw0")
check('port = "/dev/hidraw0"' in found.stdout and "This name passes" in found.stdout, "no name stays: %s" % found.stdout)
everything = pwlog("discover", "--all")
check(everything.returncode == 0 and "left alone" not in everything.stderr, "--all: %s" % everything.stderr)
wait_until(lambda: keyboard.said, 10, "the keyboard to be asked by --all")
for device in (pdu, ats, keyboard):
    device.stop()
