# SPDX-License-Identifier: MIT
"""What a person sees: tables that fit the terminal, colours only there, and a question before anything is switched."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from captured_device import CapturedAts, CapturedPdu
from harness import BINARY, Scratch, check, pwlog

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def on_terminal(*arguments, columns=80, typed=None, env=None):
    """Runs a command on a terminal; `typed` is what the person answers. Returns exit status and all that was shown."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([BINARY, *map(str, arguments), "--config", str(scratch.config)], stdin=slave, stdout=slave,
                               stderr=slave, env={**os.environ, "NO_COLOR": "", **(env or {})}, start_new_session=True)
    os.close(slave)
    shown, end = "", time.monotonic() + 60
    while time.monotonic() < end:
        if typed and shown.endswith("[y/N] "):
            os.write(master, (typed + "\n").encode())
            typed = None
        if select.select([master], [], [], 0.1)[0]:
            try:
                shown += os.read(master, 4096).decode()
            except OSError:  # nobody has it open any more
                break
    os.close(master)
    return process.wait(10), shown.replace("\r\n", "\n")


def lines_of(shown):
    return ESCAPES.sub("", shown).split("\n")


scratch = Scratch()
pdu = CapturedPdu(scratch.path / "pdu", paced=False, minute=3.0)
ats = CapturedAts(scratch.path / "ats", paced=False)
scratch.write_config("http://127.0.0.1:9", pdu.link, ats.link, interval="10s")
long_name = "a rack in the cellar behind the second door on the left, where the water comes in"
text = scratch.config.read_text().replace('id = "pdu1"', 'id = "pdu1"\nswitchable = [8]').replace('"switch"', '"%s"' % long_name)
scratch.config.write_text(text)

for columns in (80, 160):
    for command in (["outlet", "list"], ["pdu", "status"], ["pdu", "power_w"], ["pdu", "countdown_times"], ["ats", "info"],
                    ["ats", "status"], ["memory", "show", "pdu"], ["memory", "show", "ats"], ["info"], ["power"],
                    ["status", "--devices"]):
        status, shown = on_terminal(*command, columns=columns)
        check(status == 0, "%s: %d %s" % (command, status, shown))
        widest = max(len(line) for line in lines_of(shown))
        check(widest <= columns, "%s is %d wide at %d:\n%s" % (command, widest, columns, shown))
        check("{" not in shown, "%s is no table: %s" % (command, shown))
check(long_name in on_terminal("outlet", "list", columns=160)[1], "a wide terminal shows the whole name")
check("\x1b[32mOn\x1b[0m" in on_terminal("outlet", "list")[1], "colours on a terminal")
check("\x1b" not in on_terminal("outlet", "list", env={"NO_COLOR": "1"})[1], "NO_COLOR is heeded")
piped = pwlog("outlet", "list", "--config", scratch.config).stdout
check(piped.startswith("{") and "\x1b" not in piped, "JSON without colours in a pipe: " + piped)

status, shown = on_terminal("outlet", "off", "printer", typed="n")
check(status == 2 and "Turn off outlet 8 (printer) of pdu1? [y/N]" in shown and not pdu.set_commands, shown)
status, shown = on_terminal("outlet", "off", "printer", "--delay", "6s", typed="y")
check(status == 0 and pdu.set_commands == ["S,8.1"], shown)
check(lines_of(shown)[-2].endswith("outlet 8 (printer): Off (was On)"), repr(shown))
on_terminal("pdu", "shutdown_restore", "8", "99", "9999", "--yes")
status, shown = on_terminal("outlet", "list")
check("Countdown" in shown and max(len(line) for line in lines_of(shown)) <= 80, shown)
status, shown = on_terminal("pdu", "power_cons_clear", typed="n")
check(status == 2 and "CEC" not in pdu.set_commands, shown)
pdu.stop()
ats.stop()
scratch.remove()
