# SPDX-License-Identifier: MIT
"""A disk that fails to read the spool's file when it is opened: it is told once, what is sampled meanwhile waits in
memory, the file stays as it is, and is opened as soon as it can be read, with nothing missing."""
import json
import shutil
import subprocess
import sys

import harness
from harness import Daemon, Scratch, check, pwlog, wait_until
from line_device import Pdu

FAILING_READS = 4  # one each time that the file is tried: pauses of 1, 2 and 4 s lie between

strace = shutil.which("strace")
if not strace or subprocess.run([strace, "-f", "-o", "/dev/null", "-e", "inject=pread64:error=EIO:when=9999", "true"],
                                check=False).returncode != 0:
    print("skipped: strace is not here or may not trace")
    sys.exit(77)

scratch = Scratch()
pdu = Pdu(scratch.path / "pdu", paced=False)
scratch.write_config("http://127.0.0.1:9", pdu.link, interval="2s")
spool = scratch.path / "spool" / "spool.db"


def info():
    answer = pwlog("status", "--config", scratch.config, "--json")
    return json.loads(answer.stdout)["spool"] if answer.returncode == 0 else {}


daemon = Daemon(scratch)
wait_until(lambda: info().get("pending", 0) > 30, 30, "some cycles to wait")
daemon.stop()
before = spool.stat()
waited = json.loads(pwlog("spool", "info", "--config", scratch.config, "--json").stdout)["pending"]
daemon.log_file.write_text("")

# The daemon under strace, which fails the reads of this one file, and the first look at it. LeakSanitizer, where it is
# in the program, does not work so.
looks = "?newfstatat,?fstatat64,?statx"
wrapper = scratch.path / "failing"
wrapper.write_text("#!/bin/sh\nexec %s -D -f -o /dev/null -E ASAN_OPTIONS=detect_leaks=0 -P %s "
                   "-e trace=pread64,%s -e inject=pread64:error=EIO:when=1..%d "
                   "-e inject=%s:error=EIO:when=1 %s \"$@\"\n" % (strace, spool, looks, FAILING_READS, looks, harness.BINARY))
wrapper.chmod(0o755)
program, harness.BINARY = harness.BINARY, str(wrapper)
daemon = Daemon(scratch)
harness.BINARY = program

wait_until(lambda: info().get("unopened"), 20, "the status to tell that the file cannot be opened")
told = info()
check(told["unwritten"] == told["pending"], "not all that is known waits in memory: %s" % told)
check(spool.stat().st_ino == before.st_ino and spool.stat().st_size == before.st_size, "the file was touched")
wait_until(lambda: info().get("unwritten", 0) > 0, 20, "samples to wait in memory")
wait_until(lambda: info().get("unopened") is False and info()["unwritten"] == 0, 40, "the file to be open again")
log = daemon.log()
check(log.count("cannot be opened now") == 1, "not told once: " + log)
check(log.count("the spool is open now") == 1, "its end is not told once: " + log)
check("Input/output error" in log, "the reason is not named: " + log)
check(info()["pending"] > waited and info()["dropped"] == 0, "what waited is not there: %s" % info())
took, code = daemon.stop()
check(code == 0, "ended with %d" % code)
left = sorted(item.name for item in spool.parent.iterdir() if "rescue" in item.name or "corrupt" in item.name)
check(not left, "the file was replaced: %s" % left)
check(spool.stat().st_ino == before.st_ino, "the file is another one")
now = json.loads(pwlog("spool", "info", "--config", scratch.config, "--json").stdout)
exported = [json.loads(line) for line in pwlog("spool", "export", "--config", scratch.config).stdout.splitlines()]
check(now["read"] == now["pending"] == len(exported), "%d read, %d exported" % (now["read"], len(exported)))
pdu.stop()
scratch.remove()
