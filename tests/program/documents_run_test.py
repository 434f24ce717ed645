# SPDX-License-Identifier: MIT
"""README's configuration, with the ports of simulated devices and a node's address, and the commands of README and docs
typed into a terminal, in their order: what stands below a prompt must appear, but for the numbers, and the rest end well."""
import os
import re
import subprocess

from documents import ROOT, configurations, plain, shown, words_of
from harness import BINARY, Daemon, Scratch, check, pwlog, shared_node, wait_until
from terminal import Terminal

README, COMMANDS, BACKFILL = ROOT / "README.md", ROOT / "docs/commands.md", ROOT / "docs/backfill.md"
ELSEWHERE = {  # these are run by another test, or not at all
    "pwlog setup --user": "scripts/test-rights, on a server with logins; with a stand-in for Kibana setup_test.py",
    "pwlog backfill http": "node_test.py of backfill; one server is no example's",
}
STATUS = {"pwlog outlet off nas": 2, "pwlog memory diff": 1}
PATIENCE = 60

scratch = Scratch()
elastic = shared_node()
elastic.clear()
ports = {"pdu": scratch.path / "pdu", "ats": scratch.path / "ats"}


def configure():
    """README's first configuration, where only what is this machine's own is replaced."""
    text = next(configurations(README))[1]
    text = re.sub(r'(?m)^(api_key|ca)_file = .*\n', "", text)
    text = re.sub(r'(?m)^hosts = .*', 'hosts = ["%s"]' % elastic.url, text)
    for kind in ports:
        text, count = re.subn(r'(\[\[%s\]\](?:\n[^\[].*)*?\nport = )"[^"]*"' % kind, r'\1"%s"' % ports[kind], text)
        check(count == 1, "README's configuration has no port of its %s" % kind)
    scratch.config.write_text('control_socket = "%s"\n%s[spool]\npath = "%s"\n' % (
        scratch.path / "pwlog.sock", text, scratch.path / "spool"))
    scratch.config.chmod(0o600)


def put_into_path(name, text):
    (scratch.path / "bin").mkdir(exist_ok=True)
    file = scratch.path / "bin" / name
    file.write_text("#!/bin/sh\n" + text)
    file.chmod(0o755)


def typed(command):
    """What a shell on a terminal shows, and its exit status."""
    terminal = Terminal("/bin/bash", "--norc", "-c", command, columns=200, rows=70)
    if words_of(command)[:2] == ["pwlog", "watch"]:
        check(terminal.wait(lambda text: "rack1-pdu" in text and "rack1-ats" in text), "watch shows no devices")
        terminal.type("q")
    status = terminal.ended(PATIENCE)
    return [line for line in terminal.text().splitlines() if line], status


def run(path, number, command):
    where = "%s:%d: %s" % (path.name, number, command)
    lines, status = typed(command)
    wanted = next((STATUS[begin] for begin in STATUS if command.startswith(begin)), 0)
    check(status == wanted, "%s: status %s\n%s" % (where, status, "\n".join(lines)))
    print("ran", where)
    return where, lines


def without_numbers(lines):
    return [re.sub(r"\s+", " ", re.sub(r"\d+(\.\d+)?", "0", line)).strip() for line in lines if line.strip()]


def try_shown(path):
    for number, command, below in shown(path):
        if words_of(command)[0] == "pwlog":
            where, lines = run(path, number, command)
            check(without_numbers(lines) == without_numbers(below), "%s shows\n%s\nand not\n%s" % (
                where, "\n".join(lines), "\n".join(below)))


def try_plain(path, with_daemon=True):
    """`discover` is for who has none yet: it asks the ports themselves."""
    for number, command in plain(path):
        words = words_of(command)
        if words[0] == "pwlog" and with_daemon != (words[1] == "discover") and not any(
                " ".join(words).startswith(begin) for begin in ELSEWHERE):
            run(path, number, command)


configure()
put_into_path("pwlog", """case $1 in
discover) exec %s discover --config %s %s %s ;;  # not this machine's ports
*) exec %s --config %s "$@" ;;
esac
""" % (BINARY, scratch.config, *ports.values(), BINARY, scratch.config))
put_into_path("sudo", 'exec "$@"\n')
os.environ["PATH"] = "%s:%s" % (scratch.path / "bin", os.environ["PATH"])
os.chdir(scratch.path)

script = scratch.path / "script"
script.write_text("at 0s set ats memory 16 90\n")  # what docs/commands.md shows as a difference
simulator = subprocess.Popen([BINARY, "simulate", "--script", script, *(
    word for kind in ports for word in ("--" + kind, ports[kind]))], stdout=subprocess.DEVNULL)
try:
    wait_until(lambda: all(port.exists() for port in ports.values()), 20, "simulated devices")
    try_plain(README, with_daemon=False)
    check(pwlog("setup", "--config", scratch.config).returncode == 0, "setup failed")
    daemon = Daemon(scratch)
    wait_until(lambda: elastic.count("powerwalker.ats") > 0 and elastic.count("powerwalker.pdu") > 0, 60, "documents")
    try_shown(README)
    try_plain(README)
    scratch.config.write_text(scratch.config.read_text().replace('"router", "", "",', '"router", "", "recorder",'))
    run(COMMANDS, 0, "pwlog reload")
    try_shown(COMMANDS)
    try_plain(COMMANDS)
    run(BACKFILL, 0, "pwlog spool export | gzip >archive.ndjson.gz")
    try_plain(BACKFILL)
    daemon.stop()
finally:
    simulator.terminate()
    simulator.wait()
