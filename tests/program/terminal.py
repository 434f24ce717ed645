# SPDX-License-Identifier: MIT
"""A program in a terminal of its own: what it wrote becomes a screen that can be read."""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time


def need_pyte():
    """python3-pyte is Debian's, so another python3 that comes first in the path may lack it."""
    try:
        import pyte
        return pyte
    except ImportError:
        if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
            os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
        print("skipped: python3-pyte, the terminal emulator, is not installed here")
        sys.exit(77)


pyte = need_pyte()


class Terminal:
    def __init__(self, *command, columns=80, rows=24, term="linux", locale="C.UTF-8"):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.status = None
        ready, go = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.close(go)
            os.read(ready, 1)  # until the size is set
            # A logger that looks for a device which had this PTY's number before leaves a claimed terminal alone.
            fcntl.ioctl(0, termios.TIOCEXCL)
            os.environ.update(TERM=term, LC_ALL=locale)
            os.environ.pop("COLUMNS", None), os.environ.pop("LINES", None)
            os.execv(command[0], list(map(str, command)))
        os.close(ready)
        self.before = termios.tcgetattr(self.fd)
        self.resize(columns, rows)
        os.close(go)

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def kill(self, number):
        os.kill(self.pid, number)

    def hang_up(self):
        os.close(self.fd)
        self.fd = None

    def read(self, seconds):
        if self.fd is None or not select.select([self.fd], [], [], seconds)[0]:
            return
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the program has ended
            data = b""
        if not data:
            time.sleep(min(seconds, 0.02))
        self.raw += data
        self.stream.feed(data)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, condition, seconds=20):
        """Reads until the screen is as it should be; false if it never is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition(self.text()):
                return True
            self.read(0.1)
        print(self.text(), file=sys.stderr)
        return False

    def ended(self, seconds):
        """The exit status once it has ended within that time, else None; what is left is read."""
        end = time.monotonic() + seconds
        while self.status is None and time.monotonic() < end:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        return self.status

    def is_restored(self):
        """The modes are those of before, and xterm's other screen was left again."""
        for _ in range(5):
            self.read(0.05)
        entered, left = self.raw.count(b"\x1b[?1049h"), self.raw.count(b"\x1b[?1049l")
        return termios.tcgetattr(self.fd)[:4] == self.before[:4] and entered == left
