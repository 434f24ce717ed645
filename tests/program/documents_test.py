# SPDX-License-Identifier: MIT
"""Each command in README and docs: pwlog's own are parsed by the program, scripts exist, and for all others one table
says who runs them, or why nobody does."""
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PWLOG = os.environ["PWLOG_BINARY"]
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "mappings/README.md", ROOT / "kibana/README.md"]

# What a line begins with -> who runs it, or why nobody does.
OTHERS = {
    "apt install": "scripts/test-package installs the package",
    "apt remove": "scripts/test-package",
    "apt purge": "scripts/test-package",
    "systemctl": "scripts/test-package and scripts/test-installed boot a Debian tree and do it",
    "systemd-sysusers": "scripts/test-installed",
    "udevadm": "needs a real udev: scripts/test-installed has none that sees devices",
    "usermod": "changes a person's groups",
    "sudoedit": "an editor",
    "journalctl": "scripts/test-installed reads the journal",
    "cmake": "scripts/quickstart builds with the same preset",
    "install": "scripts/test-installed",
    "echo": "needs cron; the job's own command is parsed above",
    "curl": "tests/node/mappings_test.py puts the same files",
    "ES=": "tests/node/mappings_test.py",
    "put": "tests/node/mappings_test.py",
    "for": "tests/node/mappings_test.py",
    "mosquitto": "needs a broker of your own; tests/backfill reads recordings of that form",
    "podman": "needs a container engine",
    "buildah": "needs a container engine",
    "docker": "needs a container engine",
}
NOT_RUN = {"discover": "asks this machine's ports", "simulate": "serves until it is ended: tests/program runs it"}


def commands(path):
    """(line number, command) of blocks of shell, and of lines behind a prompt in other blocks."""
    block, pending, begin = None, "", 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        if text.startswith("```"):
            block = text[3:].strip() if block is None else None
            continue
        if block is None or not text:
            continue
        prompt = text.startswith("$ ")
        if block not in ("sh", "bash", "shell") and not prompt and not pending:
            continue
        begin = begin if pending else number
        pending += text[2:] if prompt else text
        if pending.endswith("\\"):
            pending = pending[:-1]
            continue
        yield begin, pending
        pending = ""


def words_of(command):
    words = shlex.split(command, comments=True)
    while words and (words[0] in ("sudo", "nice") or re.match(r"[A-Z_]+=", words[0]) and len(words) > 1):
        words = words[1:]
    return words


def problem_with(command):
    words = words_of(command)
    if not words:
        return None
    if words[0] in ("pwlog", "/usr/bin/pwlog"):
        arguments = []
        for word in words[1:]:
            if word in ("|", ">", ">>", "<", "&&", ";", "&") or word.startswith((">", "<", "2>")):
                break
            arguments.append(word)
        if arguments and arguments[0] in NOT_RUN:
            return None
        if "--config" in arguments:
            at = arguments.index("--config")
            del arguments[at:at + 2]
        # A configuration that is not there ends every command behind the parser, before it does anything.
        done = subprocess.run([PWLOG, "--config", "/nonexistent/pwlog.toml", *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=20, check=False)
        return done.stderr.strip() if "shows what there is" in done.stderr else None
    if words[0].lstrip("./").startswith("scripts/"):
        return None if os.access(ROOT / words[0], os.X_OK) else "no such script"
    if any(" ".join(words).startswith(begin) for begin in OTHERS):
        return None
    return "nobody runs it: name its runner, or the reason, in OTHERS"


bad = seen = 0
for path in FILES:
    if not path.exists():
        continue
    for number, command in commands(path):
        seen += 1
        problem = problem_with(command)
        if problem:
            bad += 1
            print("%s:%d: %s\n    %s" % (path.relative_to(ROOT), number, command, problem))
print("%d commands, %d faults" % (seen, bad))
if seen < 45 or bad:
    sys.exit(1)
