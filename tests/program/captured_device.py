# SPDX-License-Identifier: MIT
"""A PDU and an ATS that answer what real units answered, and switch: written from the protocol's description
alone, sharing nothing with the program."""
import re
import time

from line_device import Ats, Pdu

PDU_ANSWERS = {
    "QPI": "PI90", "QVFW": "VERFW:00.15",
    "QMD": "############PDU 1/1 230 230 1 8",
    "QPW": "0246 0000 0042 0000 0080 0030 0044 0031 0000",
    "QPVA": "0336 0000 0078 0000 0089 0034 0050 0063 0000",
    "QEC": "000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8",
    "CEC": "ACK", "TP": "ACK",
}
QGS_NUMBERS = "222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0"
PDU_WORDS = {0: 1, **{n: 0x0714 for n in range(1, 9)}, 9: 196, 10: 253, 11: 276, 12: 0, 13: 160, 14: 3}

ATS_ANSWERS = {
    "QPI": "PI97", "QVFW": "VERFW:00181.00", "QRI": "230.0 016 ---.- 50.0",
    "QATS": "223.7 50.0 223.7 50.0 013 002.2 001 35.0",
    "QAS": "000000010000000000000000",
}
ATS_WORDS = [258, 248, 180, 190, 55, 0, 45, 0] * 2 + [100, 0, 0, 5, 4]


class CapturedPdu(Pdu):
    """`minute`: how long one lasts in its countdowns."""

    def __init__(self, *args, minute=6.0, **more):
        self.minute = minute
        self.off_at = {}  # outlet -> when it goes off
        self.on_at = {}  # outlet -> when it comes back, counted from when it goes off until then
        self.powered = [True] * 8
        super().__init__(*args, **more)

    def advance(self):
        now = time.monotonic()
        for outlet in list(self.off_at):
            if now >= self.off_at[outlet]:
                self.powered[outlet - 1] = False
                del self.off_at[outlet]
        for outlet in list(self.on_at):
            if outlet not in self.off_at and now >= self.on_at[outlet]:
                self.powered[outlet - 1] = True
                del self.on_at[outlet]

    def digits(self):
        self.advance()
        return "".join("3" if n in self.off_at else "4" if n in self.on_at else "01"[self.powered[n - 1]]
                       for n in range(1, 9))

    def countdowns(self):
        now = time.monotonic()
        rows = []
        for n in range(1, 9):
            off = max(0, round(self.off_at.get(n, now) - now))
            on = max(0, round(self.on_at.get(n, now) - max(now, self.off_at.get(n, now))))
            rows.append("0 %04d %06d" % (off, on))
        return " ".join(rows)

    def switch(self, request):
        cancel = re.fullmatch(r"CS,([1-8A])", request)
        shutdown = re.fullmatch(r"S,([1-8A])(\.[1-9]|\d\d)(?:R(\d{4}))?", request)
        if not cancel and not shutdown:
            return "NAK"
        chosen = (cancel or shutdown).group(1)
        for outlet in range(1, 9) if chosen == "A" else [int(chosen)]:
            self.off_at.pop(outlet, None)
            self.on_at.pop(outlet, None)
            if shutdown:
                self.off_at[outlet] = time.monotonic() + float(shutdown.group(2)) * self.minute
                if shutdown.group(3):
                    pause = float(shutdown.group(3)) * self.minute or self.minute / 60
                    self.on_at[outlet] = self.off_at[outlet] + pause
        return "ACK"

    def answer(self, request):
        if request in ("CEC", "TP") or request[:1] in "SC" and request not in PDU_ANSWERS:
            self.set_commands.append(request)
        if request in PDU_ANSWERS:
            return PDU_ANSWERS[request]
        if request == "QGS":
            return "00000000%s %s" % (self.digits(), QGS_NUMBERS)
        if request == "QSR":
            self.advance()
            return self.countdowns()
        memory = re.fullmatch(r"QGM0([0-9:;<=>])", request)
        if memory:
            word = PDU_WORDS[ord(memory.group(1)) - ord("0")]
            return "0" + memory.group(1) + "".join(chr(ord("0") + int(c, 16)) for c in "%04X" % word)
        return self.switch(request)


class CapturedAts(Ats):
    def answer(self, request):
        if request in ATS_ANSWERS:
            return ATS_ANSWERS[request]
        if re.fullmatch(r"GM00[0-2]\d", request) and int(request[2:]) <= 20:
            return "%04d" % ATS_WORDS[int(request[2:])]
        self.set_commands.append(request)
        return "NAK"
