# SPDX-License-Identifier: MIT
"""What monitoring sees: a check's line and exit status, a file for Prometheus that is never half of one, a log of
objects; and a person with many devices sees the ones that are not well."""
import json
import os
import re

from captured_device import CapturedPdu
from harness import Daemon, Scratch, check, pwlog, wait_until
from stub_server import StubServer


def asked(*arguments):
    done = pwlog("status", "--config", scratch.config, *arguments)
    return done.returncode, done.stdout


scratch = Scratch()
server = StubServer()
pdu = CapturedPdu(scratch.path / "pdu", paced=False)
scratch.write_config(server.url, pdu.link)
text = scratch.config.read_text()
metrics = scratch.path / "pwlog.prom"

status, line = asked("--warn", "1min")
check(status == 2 and line.startswith("PWLOG CRITICAL - ") and line.count("\n") == 1, "no daemon: %d %s" % (status, line))
os.umask(0o077)  # as the unit has it; the collector is another user
daemon = Daemon(scratch, "--log-format", "json", "--metrics-file", str(metrics))
wait_until(lambda: asked("--warn", "1min")[0] == 0, 30, "all to be well")
status, line = asked("--warn", "1min", "--crit", "2min")
check(re.fullmatch(r"PWLOG OK - 1 device read, \d+ documents? pending \| 'oldest_pending'=\d+s;60;120;0 'pending'=\d+;;;0 "
                   r"'rejected'=0c 'dropped'=0c 'pdu1_age'=\d+s;60;120;0\n", line), line)
check(asked("--warn", "2min", "--crit", "1min")[0] == 3, "limits that make no sense")
check(asked("--crit", "soon")[0] == 3, "a limit that is none")

wait_until(metrics.exists, 30, "the file for Prometheus")
for sample in metrics.read_text().splitlines():
    check(re.fullmatch(r'# (HELP|TYPE) pwlog_\w+ .+|pwlog_\w+(\{\w+="[^"]+"\})? -?[\d.]+', sample), "no metric: " + sample)
other = scratch.path / "once.prom"
check(asked("--metrics-file", other)[0] == 0 and 'pwlog_device_up{device="pdu1"} 1' in other.read_text(), "once")
for file in (metrics, other):
    check(file.stat().st_mode & 0o777 == 0o644, "not all can read %s: %o" % (file, file.stat().st_mode))
check(asked("--metrics-file", "/nowhere/x.prom")[0] == 1, "a folder that is not there")

# Nineteen that are not there, and one that is.
many = "".join('[[pdu]]\nid = "no%d"\nport = "%s"\n' % (i, scratch.path / ("no%d" % i)) for i in range(19))
scratch.config.write_text(text + many)
check(pwlog("reload", "--config", scratch.config).returncode == 0, "twenty devices")
wait_until(lambda: asked("--warn", "1min")[0] == 2, 30, "devices that were never read")
line = asked("--warn", "1min")[1]
check("no0 was never read" in line and "and 14 more |" in line and len(line.split("|")[0]) < 200, line)
rows = asked("--all")[1]
check(all("no%d " % i in rows for i in range(19)) and "pdu1 " in rows, "a row for each: " + rows)
daemon.stop()
for logged in daemon.log().splitlines():
    check({"@timestamp", "log.level", "message", "service.name"} <= set(json.loads(logged)), "no log line: " + logged)
scratch.config.write_text("what = [")
# Where no daemon of the machine's own listens at the usual place, which would be asked then.
if not os.path.exists("/run/pwlog/pwlog.sock"):
    check(asked("--warn", "1min")[0] == 3, "a broken configuration")
server.stop()
scratch.remove()
