# SPDX-License-Identifier: MIT
"""`discover` finds both devices by asking QPI, asks nothing else, and prints a configuration that is taken."""
from harness import Scratch, check, pwlog
from line_device import Ats, Pdu

scratch = Scratch()
pdu = Pdu(scratch.path / "one", paced=False)
ats = Ats(scratch.path / "two", paced=False)
found = pwlog("discover", pdu.link, ats.link, scratch.path / "absent")
pdu.stop()
ats.stop()
check(found.returncode == 0, "exit status %d: %s" % (found.returncode, found.stderr))
check("one: a PDU" in found.stderr and "two: an ATS" in found.stderr, found.stderr)
check("absent: no such device" in found.stderr, found.stderr)
asked = {request for device in (pdu, ats) for _, request, _, _ in device.said}
check(asked == {"QPI"}, "asked %s" % asked)
scratch.config.write_text(found.stdout.replace("/etc/pwlog/api_key", str(scratch.path / "key")))
scratch.config.chmod(0o600)
(scratch.path / "key").write_text("x")
(scratch.path / "key").chmod(0o600)
printed = pwlog("setup", "--print", scratch.path / "out", "--config", scratch.config)
check(printed.returncode == 0, "the printed configuration is refused: " + printed.stderr)
# Where there is a configuration, what is printed goes to its end, and both are read as one.
there = scratch.path / "there.toml"
there.write_text('[elasticsearch]\nhosts = ["https://localhost:9200"]\n')
pdu, ats = Pdu(scratch.path / "one", paced=False), Ats(scratch.path / "two", paced=False)
more = pwlog("discover", pdu.link, ats.link, "--config", there)
pdu.stop()
ats.stop()
check("[[pdu]]" in more.stdout and "[elasticsearch]" not in more.stdout, more.stdout)
there.write_text(there.read_text() + more.stdout)
there.chmod(0o600)
told = pwlog("status", "--config", there)
check(told.returncode != 2, "the sections do not fit: %s" % told.stderr)
there.write_text(there.read_text() + '[elasticsearch]\n')
check("this section is there twice" in pwlog("status", "--config", there).stderr, "a section twice is not told")
there.write_text('interval = "10s\n')
check("quote is missing" in pwlog("status", "--config", there).stderr, "an open quote is not told")

check(pwlog("discover", scratch.path / "absent").returncode == 3, "nothing found is exit status 3")
scratch.remove()
