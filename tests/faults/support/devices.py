# SPDX-License-Identifier: MIT
"""The devices of a trial: each reading can be told from every other one, so that one stored twice, under another's name or
out of nothing is seen whatever the clock did."""
import sys
import pathlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "program"))
from line_device import Ats, Pdu  # noqa: E402


class CountingPdu(Pdu):
    """The currents of outlets 1 to 3 are digits of the answer's number."""

    def answer(self, request):
        if request != "QGS":
            return super().answer(request)
        self.serial += 1
        n = self.serial
        amperes = [n % 31, n % 30, n // 30 % 30, n // 900 % 30, 3, 4, 5, 6, 7]
        return "00000000%s %05.1f %04.1f %s %04.1f" % (
            self.states, 220 + n % 200 / 10, 49.5 + n % 10 / 10, " ".join("%04.1f" % (a / 10) for a in amperes),
            20 + n % 150 / 10)


class CountingAts(Ats):
    """Its numbers as they are; no alarm that comes and goes with them."""

    def answer(self, request):
        return "000000010000000000000000" if request == "QAS" else super().answer(request)
