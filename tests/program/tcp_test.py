# SPDX-License-Identifier: MIT
"""A line behind a server on the network, socat between it and the device's PTY: all commands, one talker at a time,
connections that are cut, and one that is dead without an end."""
import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys

from captured_device import ATS_ANSWERS, PDU_ANSWERS, CapturedAts, CapturedPdu
from harness import Daemon, Scratch, check, open_files, pwlog, wait_until

if not shutil.which("socat"):
    print("skipped: socat is not here")
    sys.exit(77)


class SerialServer:
    """As ser2net in raw mode: a process for each caller, which opens the line."""

    def __init__(self, line):
        self.line = line
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.name = "tcp://127.0.0.1:%d" % self.port
        self.process = None
        atexit.register(self.stop)
        self.start()

    def start(self):
        self.process = subprocess.Popen(["socat", "-t0.01", "TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork" % self.port,
                                         "FILE:%s,raw,echo=0" % self.line], stderr=subprocess.DEVNULL,
                                        start_new_session=True)

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        wait_until(listens, 10, "socat to listen")

    def callers(self):
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as children:
            return [int(pid) for pid in children.read().split()]

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


scratch = Scratch()
pdu = CapturedPdu(scratch.path / "pdu", paced=False, minute=0.5)
ats = CapturedAts(scratch.path / "ats", paced=False)
pdu_server, ats_server = SerialServer(pdu.link), SerialServer(ats.link)

# Every command on a bare port.
status = pwlog("pdu", "power_w", "--raw", "--port", pdu_server.name)
check(status.stdout == PDU_ANSWERS["QPW"] + "\n", "pdu power_w: %s" % status.stderr)
status = pwlog("ats", "ratings", "--raw", "--port", ats_server.name)
check(status.stdout == ATS_ANSWERS["QRI"] + "\n", "ats ratings: %s" % status.stderr)
found = pwlog("discover", pdu_server.name, ats_server.name)
check(found.returncode == 0 and 'port = "%s"' % pdu_server.name in found.stdout, "discover: %s" % found.stderr)
check(found.stdout.index(pdu_server.name) < found.stdout.index("[[ats]]") < found.stdout.index(ats_server.name),
      "discover: %s" % found.stdout)
wrong = pwlog("pdu", "info", "--port", ats_server.name)
check(wrong.returncode == 3 and "an ATS is on this port" in wrong.stderr, "ATS as PDU: %s" % wrong.stderr)
wrong = pwlog("pdu", "info", "--port", "tcp://127.0.0.1")
check(wrong.returncode != 0 and "expected tcp://HOST:PORT" in wrong.stderr, "no port: %s" % wrong.stderr)

scratch.write_config("http://127.0.0.1:9", pdu_server.name, ats_server.name, interval="2s")
scratch.config.write_text(scratch.config.read_text().replace('tariff = 0.31\n', 'switchable = [8]\n'))
configured = ("--config", scratch.config)
switched = pwlog("outlet", "off", "8", "--yes", *configured)
check(switched.returncode == 0 and not pdu.powered[7], "outlet off: %s" % switched.stderr)
once = json.loads(pwlog("doctor", "--json", *configured).stdout)
opens = [one["subject"] for one in once["findings"] if one["name"] == "port_opens"]
answers = [one["subject"] for one in once["findings"] if one["name"] == "device_answers"]
check(opens == ["pdu1", "ats1"] and answers == ["pdu1", "ats1"], "doctor: %s" % once)
pwlog("once", *configured)  # ends with the status of Elasticsearch, which is not there
kept = pwlog("spool", "export", *configured).stdout
check(kept.count('"dataset":"powerwalker.outlet"') == 8 and kept.count('"dataset":"powerwalker.ats"') == 1,
      "once kept: %s" % kept)


def devices():
    told = pwlog("status", "--json", *configured)
    return {one["id"]: one for one in json.loads(told.stdout)["devices"]} if told.returncode == 0 else {}


def cycles(more_than):
    now = devices()
    return now if now and all(one["cycles"] > more_than[key] and one["reachable"] for key, one in now.items()) else None


daemon = Daemon(scratch)
wait_until(lambda: cycles({"pdu1": 0, "ats1": 0}), 20, "the first cycles")

# One talker at a time, by whichever name, from whichever program of ours.
for name in (pdu_server.name, "tcp://localhost:%d" % pdu_server.port):
    second = pwlog("pdu", "info", "--port", name)
    check(second.returncode == 3 and "in use by pid %d" % daemon.process.pid in second.stderr,
          "a second caller: %s %s" % (second.returncode, second.stderr))

# Cut: both ends of the socket end, and the server is away for a while.
before = {key: one["cycles"] for key, one in devices().items()}
for server in (pdu_server, ats_server):
    server.stop()
wait_until(lambda: not any(one["reachable"] for one in devices().values()), 30, "the cut to be seen")
check("Connection refused" in devices()["pdu1"]["last_error"], "cut: %s" % devices())
for server in (pdu_server, ats_server):
    server.start()
wait_until(lambda: cycles(before), 30, "cycles after the cut")

# Half-open: the peer keeps the connection and never says anything again.
stopped = pdu_server.callers() + ats_server.callers()
check(stopped, "socat has no caller")
for pid in stopped:
    os.kill(pid, signal.SIGSTOP)
silent = {key: one["cycles"] + 1 for key, one in devices().items()}  # one may have been on its way
wait_until(lambda: cycles(silent), 90, "cycles on a new connection")
check(set(stopped) < set(pdu_server.callers() + ats_server.callers()), "the dead connections were read after all")
check(all(pathlike not in daemon.log() for pathlike in ("stuck", "critical")), daemon.log())

took, code = daemon.stop()
check(code == 0 and took < 5, "SIGTERM took %.1f s, %s" % (took, code))
for server in (pdu_server, ats_server):
    server.stop()

# A stop ends a connection that is being made: to a server that lets all callers wait, as a firewall does.
with socket.socket() as full:
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    port = full.getsockname()[1]
    queue = [socket.socket() for _ in range(4)]
    for one in queue:
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))
    scratch.write_config("http://127.0.0.1:9", "tcp://127.0.0.1:%d" % port)
    ours = "0100007F:%04X 02 " % port  # SYN_SENT


    def is_calling(process):
        inodes = {line.split()[9] for line in open("/proc/net/tcp") if ours in line}
        return not open_files(process).isdisjoint("socket:[%s]" % inode for inode in inodes)


    daemon = Daemon(scratch)
    wait_until(lambda: is_calling(daemon.process), 20, "a call")
    wait_until(lambda: not is_calling(daemon.process), 20, "the call to be given up")
    wait_until(lambda: is_calling(daemon.process), 20, "another call")
    took, code = daemon.stop()
    check(code == 0 and took < 2, "SIGTERM during a call took %.1f s, %s" % (took, code))
    command = subprocess.Popen([os.environ["PWLOG_BINARY"], "pdu", "info", "--port", "tcp://127.0.0.1:%d" % port],
                               stderr=subprocess.DEVNULL)
    atexit.register(command.kill)
    wait_until(lambda: is_calling(command), 20, "a command's call")
    command.send_signal(signal.SIGINT)
    check(command.wait(2) != 0, "Ctrl-C during a call")
pdu.stop()
ats.stop()
check(pdu.set_commands == ["S,800"] and not ats.set_commands, "set commands %s" % pdu.set_commands)
scratch.remove()
