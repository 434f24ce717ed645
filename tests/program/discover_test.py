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
check(pwlog("discover", scratch.path / "absent").returncode == 3, "nothing found is exit status 3")
scratch.remove()
