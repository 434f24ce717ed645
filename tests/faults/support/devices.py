# SPDX-License-Identifier: MIT
"""The devices of a trial: each reading can be told from every other one, so that one stored twice, under another's name or
out of nothing is seen whatever the clock did."""
import pathlib
import re
import sys

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
    """The currents of outlets 1 to 3 are digits of the answer's number. Switches at once what it is told to."""

    def carry_out(self, request):
        told = re.fullmatch(r"S,([1-8])(?:\.\d|\d\d)(R\d{4})?", request)
        if told:
            at = int(told[1]) - 1
            self.states = self.states[:at] + ("1" if told[2] else "0") + self.states[at + 1:]

    def answer(self, request):
        if request[:1] in "SC":
            self.carry_out(request)
        if request != "QGS":
            return super().answer(request)
        self.serial += 1
        n = self.serial
        amperes = [n % 31, n % 30, n // 30 % 30, n // 900 % 30, 3, 4, 5, 6, 7]
        return "00000000%s %05.1f %04.1f %s %04.1f" % (
            self.states, 220 + n % 200 / 10, 49.5 + n % 10 / 10, " ".join("%04.1f" % (a / 10) for a in amperes),
            20 + n % 150 / 10)


class CountingAts(Liar, Ats):
    """Its numbers as they are; no alarm that comes and goes with them."""

    def answer(self, request):
        return "000000010000000000000000" if request == "QAS" else super().answer(request)
