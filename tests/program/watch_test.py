# SPDX-License-Identifier: MIT
"""`watch` in a terminal: what it shows, at any size, in both charsets; how it ends; and without a terminal."""
import os
import signal
import socket
import subprocess
import sys
import time

from terminal import Terminal  # first: it may start another python
from harness import BINARY, Daemon, Scratch, check, pwlog, wait_until
from line_device import Ats, Pdu
from stub_server import StubServer

server = StubServer()
scratch = Scratch()
pdu = Pdu(scratch.path / "pdu", paced=False)
ats = Ats(scratch.path / "ats", paced=False)
scratch.write_config(server.url, pdu.link, ats.link)


def watch(*arguments, **more):
    return Terminal(BINARY, "watch", "--config", scratch.config, *arguments, **more)


def last_line(text):
    return text.rstrip("\n").splitlines()[-1]


def devices_are_shown(text):
    return "pdu1" in text and "1 nas" in text and "8 printer" in text and "on source 1" in text


def started():
    process = Daemon(scratch)
    wait_until(lambda: pwlog("status", "--config", scratch.config).stdout.count("last_sample") == 2, 30, "samples")
    return process


# Without a daemon: the devices themselves, and nothing is recorded.
term = watch()
check(term.wait(lambda t: devices_are_shown(t) and "reading 2 devices directly" in t), "no devices are shown")
check("nothing is recorded" in term.text() and not (scratch.path / "spool").exists(), "a spool was made")

# A daemon that starts finds its ports given up, and is asked from then on.
daemon = started()
check(term.wait(lambda t: "daemon, process %d" % daemon.process.pid in t and "Shipping" in t), "the daemon is not seen")
check(term.wait(lambda t: devices_are_shown(t) and "▁" in t or "█" in t), "no history")
print(term.text())

# Any size, without remains of the one before.
for columns, rows in ((160, 50), (40, 12), (80, 24), (20, 5), (132, 43)):
    term.resize(columns, rows)
    check(term.wait(lambda t: t.startswith("pwlog") and last_line(t).startswith("q quit")
                    and t.rstrip("\n").count("\n") == rows - 1), "%dx%d is not filled" % (columns, rows))
    check(term.wait(lambda t: t.count("pwlog") == 1 and t.count("q quit") == 1), "%dx%d has remains" % (columns, rows))
term.resize(40, 12)
term.type("G")
check(term.wait(lambda t: "8 printer" in t), "End does not scroll")
term.type("g")
check(term.wait(lambda t: "ats1" in t and "8 printer" not in t), "Home does not scroll")
for key in ("\x1b[B", "\x1b[A", "\x1b[6~", "\x1b[5~", "x", "\x1b"):
    term.type(key)
term.resize(80, 24)

# An alarm is there in words and in red.
pdu.states = "11511161"
check(term.wait(lambda t: "overload" in t and "locked" in t and "ALARM" in t), "no alarm is shown")
# What is painted comes in pieces: the alarm stands above before the outlet's own row says it.
check(term.wait(lambda t: any(line.startswith("  3 ") and "overload" in line for line in t.splitlines())),
      "the outlet's row does not show its overload")
row = next(i for i, line in enumerate(term.screen.display) if line.startswith("  3 "))
at = term.screen.display[row].index("overload")
check(term.screen.buffer[row][at].fg == "red", "an overload is %s" % term.screen.buffer[row][at].fg)
pdu.states = "11111111"

# Elasticsearch gone, the daemon gone, and back.
server.status = {"/": 503, "_bulk": 503}
check(term.wait(lambda t: "503" in t and "retrying" in t, 40), "the trouble with Elasticsearch is not shown")
server.status = {}
daemon.stop()
check(term.wait(lambda t: "NO DAEMON" in t), "a daemon that is gone is not missed")
daemon = started()
check(term.wait(lambda t: "daemon, process %d" % daemon.process.pid in t), "a daemon that is back is not seen")
term.type("q")
check(term.ended(5) == 0, "q ends with %s" % term.status)

# However it ends, the terminal is as it was before.
for name, end in (("q", lambda t: t.type("q")), ("Ctrl-C", lambda t: t.type("\x03")),
                  ("SIGTERM", lambda t: t.kill(signal.SIGTERM)), ("SIGINT", lambda t: t.kill(signal.SIGINT)),
                  ("SIGQUIT", lambda t: t.type("\x1c"))):
    term = watch(term="xterm-256color")
    check(term.wait(lambda t: "pdu1" in t), "%s: nothing is shown" % name)
    check(b"\x1b[?1049h" in term.raw and not term.is_restored(), "the test cannot tell")
    end(term)
    check(term.ended(5) == 0, "%s ends with %s" % (name, term.status))
    check(term.is_restored(), "%s leaves the terminal changed: %r" % (name, term.raw[-100:]))
term = watch()
check(term.wait(lambda t: "pdu1" in t), "nothing is shown")
term.hang_up()
check(term.ended(5) is not None, "it outlives its terminal")

# ASCII only, where the locale knows no more; no colours where none are wanted.
scratch.config.write_text(scratch.config.read_text().replace('"nas"', '"Küche"'))
daemon.stop()
daemon = started()
term = watch(locale="C")
check(term.wait(lambda t: "K?che" in t and "#" in t and " C " in t), "no ASCII view")
check(all(ord(c) < 128 for c in term.text()) and all(byte < 128 for byte in term.raw), "not ASCII: " + term.text())
term.type("q")
check(term.ended(5) == 0, "q ends with %s" % term.status)
term = watch()
check(term.wait(lambda t: "Küche" in t and "°C" in t), "no UTF-8 view")
term.type("q")
check(term.ended(5) == 0, "q ends with %s" % term.status)

# A terminal that can place no cursor gets lines; so does whatever is no terminal.
term = watch(term="dumb", columns=200)
check(term.wait(lambda t: "ats1: on source" in t and "\x1b" not in t), "no lines on a dumb terminal")
term.type("\x03")
check(term.ended(5) == 0, "Ctrl-C ends with %s" % term.status)
once = pwlog("watch", "--once", "--config", scratch.config)
check(once.returncode == 0 and len(once.stdout.splitlines()) == 2, once.stdout + once.stderr)
check("pdu1: " in once.stdout and "ats1: on source 1" in once.stdout and "Küche on" in once.stdout, once.stdout)
check("\x1b" not in once.stdout and once.stdout.startswith("20"), once.stdout)
lines = pwlog("watch", "--count", "3", "--device", "ats1", "--config", scratch.config).stdout.splitlines()
check(len(lines) == 3 and len(set(lines)) == 3 and all(" ats1: " in line for line in lines), lines)
piped = subprocess.run("%s watch --config %s | head -n 1" % (BINARY, scratch.config), shell=True, timeout=30,
                       stdout=subprocess.PIPE, text=True, check=True)
check("1: " in piped.stdout, piped.stdout)
unknown = pwlog("watch", "--device", "nobody", "--config", scratch.config)
check(unknown.returncode == 2 and "nobody" in unknown.stderr, unknown.stderr)
daemon.stop()

# A port alone is enough: which device it is, it says itself.
for device, part in ((pdu, "pdu: "), (ats, "ats: on source 1")):
    alone = pwlog("watch", "--once", "--port", device.link)
    check(alone.returncode == 0 and part in alone.stdout, alone.stdout + alone.stderr)
absent = pwlog("watch", "--once", "--port", scratch.path / "absent")
check(absent.returncode == 3 and "no such device" in absent.stderr, absent.stderr)

# A daemon that does not answer holds nobody up.
listener = socket.socket(socket.AF_UNIX)
listener.bind(str(scratch.path / "pwlog.sock"))
listener.listen()
term = watch()
check(term.wait(lambda t: "q quit" in t), "nothing is shown without an answer")
began = time.monotonic()
term.type("q")
check(term.ended(4) == 0 and time.monotonic() - began < 3, "q took %.1f s" % (time.monotonic() - began))
mute = pwlog("watch", "--once", "--config", scratch.config)
check(mute.returncode == 1 and "NO DAEMON" in mute.stderr, "%d %s" % (mute.returncode, mute.stderr))
listener.close()

asked = {request for device in (pdu, ats) for _, request, _, _ in device.said}
check(all(request.startswith(("Q", "GM")) for request in asked), "asked of a device: %s" % asked)
pdu.stop()
ats.stop()
server.stop()
scratch.remove()
