# SPDX-License-Identifier: MIT
"""The daemon as systemd sees it: ready, alive, stopping; and without templates: sampling goes on, nothing ships."""
import os
import signal
import socket
import threading

from harness import Daemon, Scratch, check, pwlog, shared_node, wait_until
from line_device import Ats, Pdu

elastic = shared_node()
elastic.clear()
elastic.remove_templates()
scratch = Scratch()
pdu = Pdu(scratch.path / "pdu", paced=False)
ats = Ats(scratch.path / "ats", paced=False)
scratch.write_config(elastic.url, pdu.link, ats.link)

once = pwlog("once", "--config", scratch.config)
print(once.stderr)
check(once.returncode == 7, "without templates `once` ends with %d, not 7: %s" % (once.returncode, once.stderr))
check("pwlog setup" in once.stderr and "waiting in the spool" in once.stderr, once.stderr)
check(elastic.count() in (0, -1), "something was shipped without a template")

notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notices.bind(str(scratch.path / "notify"))
heard = []


def listen():
    # As systemd does: always. A full socket would make the daemon's next notice wait.
    while True:
        heard.append(notices.recv(4096).decode())


threading.Thread(target=listen, daemon=True).start()


def hear(word):
    wait_until(lambda: any(word in notice for notice in heard), 20, "the notice " + word)


daemon = Daemon(scratch, env={"NOTIFY_SOCKET": str(scratch.path / "notify"), "WATCHDOG_USEC": "900000"})
hear("READY=1")
hear("WATCHDOG=1")
wait_until(lambda: "pwlog setup" in daemon.log(), 20, "the daemon to say that templates are missing")
wait_until(lambda: daemon.log().count("pwlog setup") >= 2, 20, "it to say so of both indices")
wait_until(lambda: len([1 for _, query, _, _ in pdu.said if query == "QGS"]) >= 3, 20, "sampling to go on")
told = [line for line in daemon.log().splitlines() if "pwlog setup" in line]
for family in ("metrics", "events"):
    check(sum("powerwalker-%s-" % family in line for line in told) == 1,
          "not said once of the %s: %s" % (family, daemon.log()))
check(len(told) == 2, "said more often than once an index: " + daemon.log())
status = pwlog("status", "--config", scratch.config)

check(status.returncode == 0 and "pdu1" in status.stdout, status.stdout + status.stderr)
second = pwlog("run", "--as-root", "--config", scratch.config)
check(second.returncode == 5, "a second daemon ends with %d: %s" % (second.returncode, second.stderr))
good = scratch.config.read_text()
scratch.config.write_text(good + "this is = no configuration [\n")
daemon.process.send_signal(signal.SIGHUP)
hear("could not be read again")
check(pwlog("reload", "--config", scratch.config).returncode == 2, "reading a broken file again was no failure")
scratch.config.write_text(good)
told = pwlog("status", "--config", scratch.config).stdout
check("pwlog.toml:" in told, "status does not tell that reading again failed: " + told)
again = pwlog("reload", "--config", scratch.config)
check(again.returncode == 0, "reload: " + again.stderr)
hear("configuration read again")
told = pwlog("status", "--config", scratch.config).stdout
check("pwlog.toml:" not in told, "status still tells of what was mended: " + told)
took, code = daemon.stop()
check(code == 0 and took < 2, "ended with %d after %.1f s" % (code, took))
hear("STOPPING=1")

check(pwlog("setup", "--config", scratch.config).returncode == 0, "setup failed")
once = pwlog("once", "--config", scratch.config)
check(once.returncode == 0, "once after setup: " + once.stderr)
exported = pwlog("spool", "export", "--config", scratch.config).stdout.splitlines()
waited = sum('"dataset":"powerwalker.pdu"' in line for line in exported)
check(waited >= 3, "only %d cycles were committed" % waited)
check(elastic.count("powerwalker.pdu") == waited, "%d of %d cycles were shipped" % (elastic.count("powerwalker.pdu"), waited))
pdu.stop()
ats.stop()
scratch.remove()
