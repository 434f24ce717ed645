# SPDX-License-Identifier: MIT
"""The devices of a trial: each reading can be told from every other one, so that one stored twice, under another's name or
out of nothing is seen whatever the clock did."""
import math
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "program"))
from line_device import Ats, Pdu  # noqa: E402


class Liar:
    """Answers of the right form that cannot be true, and bytes without an end; besides the line's own damage."""

    def damage(self, fault, request, data):
        words = data[1:-1].split(b" ")
        if fault == "range":
            return b"(" + b" ".join(b"999.9" if b"." in word else b"9" * len(word) for word in words) + b"\r"
        if fault == "few words":
            return b"(" + b" ".join(words[:-1]) + b"\r"
        if fault == "letters":
            return data[:-2] + b"O\r"
        if fault == "negative":
            return data.replace(b" ", b" -", 1)
        if fault == "babble":
            return b"0123456789" * 2000
        if fault == "wrong" and request in ("QPW", "QPVA"):  # the other of the two cannot be told from it in each case
            return b"(" + self.answer("QEC").encode() + b"\r"
        if fault == "escapes":
            return b"(\x1b[31m../../etc/passwd\n#+\"\xff\r"
        return super().damage(fault, request, data)


class CountingPdu(Liar, Pdu):
    """The currents of outlets 1 to 3 are digits of the answer's number; its counters count the power that it says. Switches
    at once what it is told to, and begins to count down where a delay is given."""

    def __init__(self, *args, **more):
        self.drawn, self.measured = None, 0.0
        super().__init__(*args, **more)

    def carry_out(self, request):
        told = re.fullmatch(r"S,([1-8])(\.\d|\d\d)(R\d{4})?", request)
        if told:
            self.show(told[1], "1" if told[2] == "00" and told[3] else "0" if told[2] == "00" else "2")
        cancelled = re.fullmatch(r"CS,([1-8])", request)
        if cancelled and self.states[int(cancelled[1]) - 1] == "2":
            self.show(cancelled[1], "1")

    def show(self, outlet, state):
        at = int(outlet) - 1
        self.states = self.states[:at] + state + self.states[at + 1:]

    def draw(self, watts):
        """What was drawn since the answer before: the trapezium of both."""
        now = time.time()
        if self.drawn:
            hours = (now - self.measured) / 3600
            self.kwh = [k + (w + v) / 2 * hours / 1000 for k, w, v in zip(self.kwh, watts, self.drawn)]
        self.drawn, self.measured = watts, now

    def answer(self, request):
        if request[:1] in "SC":
            self.carry_out(request)
        self.serial += request in ("QGS", "QPW", "QPVA", "QEC")
        n = self.serial
        # VA of any answer are above the W of any other one.
        watts = [3000 + n % 397] + [220 + n * (i + 3) % 353 for i in range(8)]
        if request == "QPW":
            self.draw(watts)
            return " ".join("%04d" % w for w in watts)
        if request == "QPVA":
            return " ".join("%04d" % (w + 400) for w in watts)
        if request == "QEC":
            return " ".join("%08.1f" % (math.floor(k * 10) / 10) for k in self.kwh)
        if request != "QGS":
            return super().answer(request)
        amperes = [n % 31, n % 30, n // 30 % 30, n // 900 % 30, 3, 4, 5, 6, 7]
        return "00000000%s %05.1f %04.1f %s %04.1f" % (
            self.states, 220 + n % 200 / 10, 49.5 + n % 10 / 10, " ".join("%04.1f" % (a / 10) for a in amperes),
            20 + n % 150 / 10)


class CountingAts(Liar, Ats):
    """Its numbers as they are; alarms that come and go with the time, each its own way."""
    ALARM_SECONDS = 3.0

    def answer(self, request):
        if request != "QAS":
            return super().answer(request)
        turn = int((time.time() + self.phase) / self.ALARM_SECONDS)
        bits = list("000000010000000000000000")
        bits[14] = str(turn % 2)  # overload
        bits[3] = str(int(turn % 5 == 0))  # source 2 is bad, so there is no redundancy
        return "".join(bits)

    def __init__(self, *args, **more):
        self.phase = more.get("seed", 0) % 1000 / 100
        super().__init__(*args, **more)
