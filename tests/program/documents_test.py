# SPDX-License-Identifier: MIT
"""Each command in README and docs: pwlog's own are parsed by the program, scripts exist, and for all others one table
says who runs them, or why nobody does."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from documents import FILES, ROOT, broken_links, commands, configurations, words_of

PWLOG = os.environ["PWLOG_BINARY"]

# What a line begins with -> the script or test that does the same, with the words there that do it; or why nobody does.
OTHERS = {
    "apt install": ("tests/package/life_test.py", 'apt("install"'),
    "systemctl enable": ("tests/package/life_test.py", 'run("systemctl", "enable", "--now", "pwlog")'),
    "systemctl daemon-reload": ("scripts/installed/checks", "systemctl daemon-reload"),
    "systemd-sysusers": ("scripts/installed/checks", "systemd-sysusers"),
    "ctest": "each of its parts is run by scripts/test",
    "build/dev/tests": "each of its parts is run by scripts/test",
    "journalctl": ("scripts/installed/checks", "journalctl -b -o cat -u pwlog"),
    "cmake --preset": ("scripts/benchmarks/parts.py", '"--preset", "release"'),
    "cmake --install": ("scripts/test-installed", "--prefix /usr"),
    "install -d -o pwlog": ("scripts/installed/checks", "install -d -o pwlog -g pwlog"),
    "ES=": ("tests/node/mappings_test.py", '"PUT"'),
    "put": ("tests/node/mappings_test.py", "/_index_template/"),
    "for": ("tests/node/mappings_test.py", "/_component_template/"),
    "install": "two folders and a file: the package brings them, debian/pwlog.install",
    "udevadm": "needs a udev that sees devices; in a container there is none",
    "usermod": "changes a person's groups",
    "sudoedit": "an editor",
    "echo": "needs cron; what the job runs is parsed as a command of ours",
}
NOT_RUN = {"discover": "asks this machine's ports", "simulate": "serves until it is ended: tests/program runs it"}


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
        return done.stderr.strip() if "what there is" in done.stderr else None
    if words[0].lstrip("./").startswith("scripts/"):
        return None if os.access(ROOT / words[0], os.X_OK) else "no such script"
    begin = max((begin for begin in OTHERS if " ".join(words).startswith(begin)), key=len, default=None)
    if begin:
        used.add(begin)
        return None
    return "nobody runs it: name its runner, or the reason, in OTHERS"


def configuration_problem(text):
    """A piece of a configuration is one with what it leaves out."""
    if "[elasticsearch]" not in text:
        text += '[elasticsearch]\nhosts = ["http://localhost:9200"]\n'
    if "[[pdu]]" in text and "\nport = " not in text:
        text = text.replace("[[pdu]]\n", '[[pdu]]\nid = "pdu1"\nport = "/dev/ttyUSB0"\n', 1)
    elif "[[pdu]]" not in text:
        text += '[[pdu]]\nid = "pdu1"\nport = "/dev/ttyUSB0"\n'
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "pwlog.toml")
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text + '[spool]\npath = "%s"\n' % folder)
        os.chmod(file, 0o600)
        done = subprocess.run([PWLOG, "--config", file, "spool", "info"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=20, check=False)
        return done.stderr.strip() if done.returncode == 2 else None


used = set()
bad = seen = 0
for begin, runner in OTHERS.items():
    if isinstance(runner, tuple) and runner[1] not in (ROOT / runner[0]).read_text():
        bad += 1
        print("%s does not run %r any more: it has no %r" % (runner[0], begin, runner[1]))
for path in FILES:
    for number, command in commands(path):
        seen += 1
        problem = problem_with(command)
        if problem:
            bad += 1
            print("%s:%d: %s\n    %s" % (path.relative_to(ROOT), number, command, problem))
    for link in broken_links(path):
        bad += 1
        print("%s: %s leads nowhere" % (path.relative_to(ROOT), link))
    for number, text in configurations(path):
        seen += 1
        if problem := configuration_problem(text):
            bad += 1
            print("%s:%d: %s" % (path.relative_to(ROOT), number, problem))
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for command in re.findall(r"`((?:sudo )?pwlog [a-z][^`]*)`", line):
            if not re.search(r"\||…|METHOD| SOURCE", command):  # the form of a command, not one
                seen += 1
                problem = problem_with(command)
                if problem and "required" not in problem:  # a command's name without what it needs
                    bad += 1
                    print("%s:%d: %s\n    %s" % (path.relative_to(ROOT), number, command, problem))
for begin in set(OTHERS) - used:
    bad += 1
    print("no document has a command %r any more" % begin)
# The privileges that setup names where it is refused are those of docs/install.md, and the daemon's key has those there.
words = set(re.findall(r"\b[a-z]+(?:_[a-z]+)*\b", re.search(r"constexpr auto privileges =(.*?);\n\n", (
    ROOT / "src/cli/setup/setup_login.cpp").read_text(), re.S)[1]))
named = {word for word in words if "_" in word or word in ("monitor", "manage", "read")}
page = (ROOT / "docs/install.md").read_text().split("## What setup needs")[1].split("\n## ")[0]
told = {word for row in re.findall(r"^\| (?:the cluster|`powerwalker-\*`) \|(.*)\|$", page, re.M) for word in re.findall(r"`(\w+)`", row)}
key = re.search(r'"privileges":(\[[^]]*\])', (ROOT / "src/setup/api_key.cpp").read_text())[1]
if named != told or key not in page.replace(", ", ","):
    bad += 1
    print("docs/install.md and setup differ in what privileges are needed: %s, %s, key %s" % (sorted(told), sorted(named), key))
print("%d commands, %d faults" % (seen, bad))
if seen < 45 or bad:
    sys.exit(1)
