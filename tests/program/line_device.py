# SPDX-License-Identifier: MIT
"""A PDU and an ATS on pseudo-terminals, written from the protocol's description alone and sharing nothing with
the program: what the program stores is checked against what these say they have said.

Every answer carries fresh values, so that a number stored under the wrong name, from a late answer or twice
can be told from a right one.
"""
import math
import os
import random
import select
import threading
import time
import tty

BYTE_SECONDS = 10 / 2400


class LineDevice:
    """One device behind one PTY, on a thread of its own; `link` is its stable name."""

    def __init__(self, link, seed=1, fault_share=0.0, paced=True, think=0.005, faults=None):
        self.link = str(link)
        self.random = random.Random(seed)
        self.fault_share = fault_share
        self.faults = faults or ["drop", "late", "truncate", "garble", "noise", "nul", "nak", "wrong", "double"]
        self.paced = paced
        self.think = think
        self.serial = 0
        self.said = []  # (time of the last byte, query, payload, fault or None)
        self.set_commands = []
        self.lock = threading.Lock()
        self.stopping = False
        self.master = self.slave = None
        self.plug_in()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def plug_in(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        name = os.ttyname(self.slave)
        os.close(self.slave)
        temporary = self.link + ".new"
        if os.path.lexists(temporary):
            os.unlink(temporary)
        os.symlink(name, temporary)
        os.replace(temporary, self.link)

    def unplug(self, seconds):
        """The terminal is gone at once. Its number is kept until serve(), which may be waiting with it, has seen that: whatever is
        opened next would get it, and be read from."""
        with self.lock:
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, self.master)
            os.close(nothing)
            self.master = None
            os.unlink(self.link)
        time.sleep(seconds)
        with self.lock:
            self.plug_in()

    def stop(self):
        self.stopping = True
        self.thread.join()

    def serve(self):
        request, before = b"", self.master
        while not self.stopping:
            with self.lock:
                master = self.master
            if before is not None and master != before:
                os.close(before)
                request = b""
            before = master
            if master is None:
                time.sleep(0.01)
                continue
            try:
                ready, _, _ = select.select([master], [], [], 0.05)
                data = os.read(master, 64) if ready else b""
            except (OSError, ValueError):  # nobody has it open, or the plug was pulled
                time.sleep(0.002)
                continue
            for byte in data:
                if byte == 0x0D:
                    try:
                        self.reply(master, request.decode("ascii", "replace"))
                    except (OSError, ValueError):
                        pass
                    request = b""
                else:
                    request += bytes([byte])

    def send(self, master, data):
        begin = time.monotonic()
        for index, byte in enumerate(data):
            if self.paced:
                wait = begin + (index + 1) * BYTE_SECONDS - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
            if self.master != master:
                raise OSError("unplugged")
            os.write(master, bytes([byte]))

    def reply(self, master, request):
        if self.paced:
            time.sleep((len(request) + 1) * BYTE_SECONDS)
        time.sleep(self.think)
        payload = self.answer(request)
        data = b"(" + payload.encode() + b"\r"
        fault = None
        if request.startswith("Q") and self.random.random() < self.fault_share:
            fault = self.random.choice(self.faults)
            data = self.damage(fault, request, data)
        self.send(master, data)
        self.said.append((time.time(), request, payload, fault))

    def damage(self, fault, request, data):
        if fault == "drop":
            return b""
        if fault == "late":
            time.sleep(1.2)
            return data
        if fault == "truncate":
            return data[: self.random.randrange(1, len(data) - 1)]
        if fault == "garble":
            at = self.random.randrange(1, len(data) - 1)
            return data[:at] + b"x" + data[at + 1:]
        if fault == "noise":
            return bytes(self.random.choice(b"#*\xfe\x81+") for _ in range(6)) + data
        if fault == "nul":
            return b"\0\0\0" + data + b"\0\0"
        if fault == "nak":
            return b"(NAK\r"
        if fault == "wrong":
            other = self.random.choice([query for query in self.queries() if query != request])
            return b"(" + self.answer(other).encode() + b"\r"
        if fault == "double":
            return data + data
        raise ValueError(fault)


class Pdu(LineDevice):
    def __init__(self, *args, **more):
        self.kwh = [701.7, 0.0, 100.9, 11.8, 110.6, 198.8, 103.9, 46.2, 19.8]
        self.states = "11111111"
        self.begin = time.monotonic()
        super().__init__(*args, **more)

    def queries(self):
        return ["QPI", "QGS", "QPW", "QPVA", "QEC"]

    def answer(self, request):
        self.serial += 1
        n = self.serial
        if request == "QPI":
            return "PI90"
        if request == "QVFW":
            return "VERFW:00.15"
        if request == "QMD":
            return "############PDU 1/1 230 230 1 8"
        if request == "QGS":
            volts = 220 + (n % 200) / 10
            amperes = [(n + 3 * i) % 30 / 10 for i in range(9)]
            return "00000000%s %05.1f %04.1f %s %04.1f" % (
                self.states, volts, 49.5 + n % 10 / 10, " ".join("%04.1f" % a for a in amperes), 20 + n % 150 / 10)
        # Within one second W and VA belong together: VA is above W in every channel.
        base = [200 + n % 97] + [20 + (n * (i + 3)) % 53 for i in range(8)]
        if request == "QPW":
            return " ".join("%04d" % w for w in base)
        if request == "QPVA":
            return " ".join("%04d" % (w + 400) for w in base)
        if request == "QEC":
            elapsed = time.monotonic() - self.begin
            return " ".join("%08.1f" % (math.floor((k + elapsed * 0.002 * (i + 1)) * 10) / 10)
                            for i, k in enumerate(self.kwh))
        if request == "QSR":
            return " ".join(["0 0000 000000"] * 8)
        if request.startswith("QGM0"):
            return "0%s0014" % request[4]
        if request[0] in "SC":
            self.set_commands.append(request)
            return "ACK"
        return "NAK"


class Ats(LineDevice):
    overload = 0  # another one with each QATS: two answers in a row have to agree

    def queries(self):
        return ["QPI", "QATS", "QAS"]

    def answer(self, request):
        self.serial += 1
        n = self.serial
        if request == "QPI":
            return "PI97"
        if request == "QVFW":
            return "VERFW:00181.00"
        if request == "QATS":
            self.overload = n // 2 % 2
            return "%05.1f %04.1f %05.1f %04.1f %03d %05.1f %03d %04.1f" % (
                220 + n % 190 / 10, 49.5 + n % 10 / 10, 221 + n % 170 / 10, 49.6 + n % 9 / 10,
                n % 100, n % 160 / 10, n % 180, 20 + n % 140 / 10)
        if request == "QAS":
            return "00000001000000%d000000000" % self.overload
        if request == "QRI":
            return "230.0 016 ---.- 50.0"
        if request.startswith("GM"):
            return "00000"
        return "NAK"
