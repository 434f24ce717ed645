# SPDX-License-Identifier: MIT
"""Who begins while another command has the spool or the port for a moment waits for it: a daemon, `once`, a second order,
a second question. One that has it for good is told at once."""
import fcntl
import subprocess

from harness import BINARY, Daemon, Scratch, check, pwlog, wait_until
from line_device import Pdu

scratch = Scratch()
pdu = Pdu(scratch.path / "pdu", seed=81)
scratch.write_config("http://127.0.0.1:9", pdu.link, interval="2s")
scratch.config.write_text(scratch.config.read_text() + "switchable = [7, 8]\n")


def begin(*arguments):
    return subprocess.Popen([BINARY, *arguments, "--config", str(scratch.config)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def order(outlet, state="off"):
    """Under way on a device that does not show the new state yet."""
    before = len(pdu.set_commands)
    process = begin("outlet", state, str(outlet), "--yes")
    wait_until(lambda: len(pdu.set_commands) > before, 20, "the order on the wire")
    return process


def show(outlet, state):
    pdu.states = pdu.states[:outlet - 1] + state + pdu.states[outlet:]


def ended(process, what, status=0):
    out, err = process.communicate(timeout=60)
    check(process.returncode == status, "%s ended with %s: %s%s" % (what, process.returncode, out, err))
    return err


def waiting(daemon):
    return [line for line in daemon.log().splitlines() if "waiting for it" in line]


# The daemon starts while an order has spool and port.
direct = order(8)
daemon = Daemon(scratch)
wait_until(lambda: waiting(daemon), 20, "the daemon to say what it waits for")
check("process %d" % direct.pid in waiting(daemon)[0], "who has it: %s" % waiting(daemon))
show(8, "0")
ended(direct, "the order")
wait_until(lambda: "is open and read" in daemon.log(), 30, "the daemon to read")
check(len(waiting(daemon)) == 1, "said more than once: %s" % waiting(daemon))
check(pwlog("status", "--config", scratch.config).returncode == 0, "no status")
# Another daemon beside it is none that waits.
second = pwlog("run", "--as-root", "--config", scratch.config)
check(second.returncode == 5 and "waiting" not in second.stderr, second.stderr)
once = pwlog("once", "--config", scratch.config)
check(once.returncode == 5 and "waiting" not in once.stderr, once.stderr)
took, status = daemon.stop()
check(status == 0, "run ended with %s" % status)

# `once`, and a second order.
direct = order(7)
once, second = begin("once"), begin("outlet", "off", "8", "--yes")
show(7, "0")
ended(direct, "the order before")
ended(second, "the second order")
err = ended(once, "once", 6)  # Elasticsearch is away; the device was read
check("pdu1" not in err and "in use" not in err, err)

# Two questions at one port.
pdu.think = 0.3
first, second = begin("pdu", "power_w", "--port", str(pdu.link)), begin("pdu", "status", "--port", str(pdu.link))
ended(first, "the first question")
ended(second, "the second question")
pdu.think = 0.005

# A stop ends the wait.
(scratch.path / "run.log").unlink()
with open(scratch.path / "spool" / "spool.lock") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    daemon = Daemon(scratch)
    wait_until(lambda: waiting(daemon), 20, "the daemon to wait")
    took, status = daemon.stop()
    check(status == 0 and took < 3, "a stop of one that waits: %s after %.1f s" % (status, took))

# The doctor looks at the lock of the control socket for a moment.
with open(str(scratch.path / "pwlog.sock") + ".lock", "w") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    daemon = Daemon(scratch)
    wait_until(lambda: (scratch.path / "spool" / "spool.lock").read_text().strip() == str(daemon.process.pid), 20,
               "the daemon to have its spool")
wait_until(lambda: "is open and read" in daemon.log(), 30, "the daemon to read")
took, status = daemon.stop()
check(status == 0, "run ended with %s" % status)

pdu.stop()
scratch.remove()
