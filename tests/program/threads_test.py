# SPDX-License-Identifier: MIT
"""An order that finds no thread to watch its terminal by is not begun, and the daemon goes on."""
import os
import subprocess

from captured_device import CapturedPdu
from harness import BINARY, Scratch, check, pwlog, wait_until

NOBODY = 54321  # the system counts the threads of a user, and root's are not bounded

if os.geteuid() != 0:
    print("only root can run the daemon as another user")
    raise SystemExit(77)

scratch = Scratch()
scratch.path.chmod(0o755)
pdu = CapturedPdu(scratch.path / "pdu", paced=False)
os.chmod(os.path.realpath(pdu.link), 0o666)
scratch.write_config("http://127.0.0.1:9", pdu.link, interval="2s")
scratch.config.write_text(scratch.config.read_text().replace('id = "pdu1"', 'id = "pdu1"\nswitchable = [8]'))
os.chown(scratch.config, NOBODY, NOBODY)
for folder in (scratch.path / "spool", scratch.path):
    folder.mkdir(exist_ok=True, mode=0o755)
    os.chown(folder, NOBODY, NOBODY)
(scratch.path / "spool").chmod(0o700)
with open(scratch.path / "run.log", "wb") as log:
    daemon = subprocess.Popen([BINARY, "run", "--config", str(scratch.config)], stdout=log, stderr=log,
                              stdin=subprocess.DEVNULL, user=NOBODY, group=NOBODY, extra_groups=[])


def told():
    return (scratch.path / "run.log").read_text()


def threads():
    return len(os.listdir("/proc/%d/task" % daemon.pid))


def order(room):
    """With room for so many threads more."""
    subprocess.run(["prlimit", "--pid", str(daemon.pid), "--nproc=%d:" % (threads() + room)], check=True,
                   user=NOBODY, group=NOBODY, extra_groups=[])
    return pwlog("outlet", "off", "8", "--yes", "--config", scratch.config)


try:
    wait_until(lambda: "is open and read" in told(), 20, "the first reading")
    wait_until(lambda: pwlog("status", "--config", scratch.config).returncode == 0, 20, "the control socket")
    idle = threads()
    for room in (0, 1):
        wait_until(lambda: threads() <= idle, 20, "the threads of earlier clients end")
        done = order(room)
        check(done.returncode != 0 and "thread" in done.stderr, "room for %d: %d %s" % (room, done.returncode, done.stderr))
        check(daemon.poll() is None, "the daemon ended: " + told()[-500:])
    check(pdu.set_commands == [], "sent: %s" % pdu.set_commands)
    wait_until(lambda: threads() <= idle, 20, "the threads of earlier clients end")
    done = order(20)
    check(done.returncode == 0, "room for more: %d %s" % (done.returncode, done.stderr))
    check(pdu.set_commands == ["S,800"], "sent: %s" % pdu.set_commands)
finally:
    daemon.kill()
    daemon.wait()
    pdu.stop()
    scratch.remove()
