#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command with a server that takes everything: what is a pipe, what is kept beside a source, how it ends."""
import atexit
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "program"))
from harness import BINARY, Scratch, check, open_files, pwlog, wait_until  # noqa: E402
from stub_server import StubServer  # noqa: E402

scratch = Scratch()
server = StubServer()
scratch.write_config(server.url, "/dev/null")
folder = scratch.path
environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}


def document(number, device="a"):
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1793491200 + number))
    return json.dumps({"@timestamp": when + ".000Z", "device": {"id": device}, "event": {"dataset": "powerwalker.ats"},
                       "powerwalker": {"ats": {"source1_v": 230}}}, separators=(",", ":")) + "\n"


def backfill(*arguments, stdin=subprocess.DEVNULL, env=None):
    return subprocess.run([BINARY, "backfill", "--config", str(scratch.config), "--json", *map(str, arguments)],
                          stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
                          env=env or environment)


def summary(result):
    return json.loads(result.stdout)


many = "".join(document(i) for i in range(5000))
whole = folder / "whole.ndjson"
whole.write_text(many)

# Pipes, however they are named, are read whole and leave nothing beside them.
fifo = folder / "fifo"
os.mkfifo(fifo)
writer = threading.Thread(target=lambda: fifo.write_text(many))
writer.start()
result = backfill(fifo)
writer.join()
check(summary(result)["stored"] == 5000, "a FIFO: %s" % result.stdout)
for name in ("/dev/stdin", "-"):
    with subprocess.Popen(["cat", str(whole)], stdout=subprocess.PIPE) as source:
        result = backfill(name, stdin=source.stdout)
    check(summary(result)["stored"] == 5000, "%s: %s" % (name, result.stdout))
script = 'exec "$0" backfill --config "$1" --json <(cat "$2")'
result = subprocess.run(["bash", "-c", script, BINARY, str(scratch.config), str(whole)], stdout=subprocess.PIPE, text=True,
                        timeout=60, check=False, env=environment)
check(summary(result)["stored"] == 5000, "process substitution: %s" % result.stdout)
beside = sorted(path.name for path in folder.iterdir() if path.name.startswith("fifo"))
check(beside == ["fifo"], "a FIFO has %s" % beside)


# A pipe that nobody writes to ends at the first signal.
empty = folder / "empty"
os.mkfifo(empty)
process = subprocess.Popen([BINARY, "backfill", "--config", str(scratch.config), str(empty)], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=environment)
atexit.register(process.kill)  # of a test that fails, too
wait_until(lambda: str(empty) in open_files(process), 20, "the pipe to be open")
process.send_signal(signal.SIGINT)
process.communicate(timeout=20)
check(process.returncode == 1, "interrupted at a pipe: exit status %d" % process.returncode)

# A server that accepts and says nothing: the same.
with socket.create_server(("127.0.0.1", 0)) as silent:
    mute = Scratch()
    mute.write_config("http://127.0.0.1:%d" % silent.getsockname()[1], "/dev/null")
    process = subprocess.Popen([BINARY, "backfill", "--config", str(mute.config), str(whole)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment)
    atexit.register(process.kill)  # of a test that fails, too
    silent.settimeout(30)
    connection, _ = silent.accept()
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    check(process.returncode == 1, "interrupted before the first document: exit status %d" % process.returncode)
    check(time.monotonic() - begin < 10, "it took %s s to stop" % (time.monotonic() - begin))

# One rejects file holds those of three sources; its own lines are fed back.
for name in "abc":
    (folder / name).write_text(document(ord(name)) + '{"broken %s":\n' % name)
rejects = folder / "all.rejects"
result = backfill("--rejects", rejects, *(folder / name for name in "abc"))
check(result.returncode == 8, "rejects: exit status %d" % result.returncode)
check([row for row in rejects.read_text().splitlines() if row[0] == "{"] == ['{"broken %s":' % name for name in "abc"],
      rejects.read_text())

# A dry run that is interrupted does not call itself complete.
held = folder / "held"
os.mkfifo(held)
process = subprocess.Popen([BINARY, "backfill", "--config", str(scratch.config), "--dry-run", "--json", str(held)],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
atexit.register(process.kill)  # of a test that fails, too
with open(held, "w") as pipe:
    pipe.write(many)
    pipe.flush()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
check(process.returncode == 1, "an interrupted dry run: exit status %d" % process.returncode)
check(not out or not json.loads(out)["sources"][0]["complete"], "an interrupted dry run: %s" % out)

# Nothing of the source reaches a terminal as it is.
hostile = folder / "x\x1b]0;owned\x07.ndjson"
hostile.write_text(document(1, "dev\x1b[31m").replace("\x1b", "\\u001b"))
result = subprocess.run([BINARY, "backfill", "--config", str(scratch.config), "--dry-run", str(hostile)],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
check("\x1b" not in result.stdout + result.stderr and "\x07" not in result.stdout + result.stderr, repr(result))

# Both families' templates are asked for before the first document, even if this month's indices are there.
answer = server.answer
server.has_index = True
server.answer = lambda path, body, headers=None: (200, {}) if "_simulate_index/powerwalker-events" in path else answer(
    path, body, headers)
server.requests.clear()
result = backfill(whole, "--fresh")
check(result.returncode == 7, "no templates: exit status %d, %s" % (result.returncode, result.stderr))
check(("POST", "/_bulk") not in server.requests, "documents went in without the events' template")
server.answer = answer
server.has_index = False

# A proxy that is configured is used, whatever the environment excepts.
proxied = Scratch()
proxied.write_config("http://elastic.invalid:9200", "/dev/null")
text = proxied.config.read_text().replace("[spool]", 'allow_plaintext = true\nproxy = "%s"\n[spool]' % server.url)
proxied.config.write_text(text)
result = subprocess.run([BINARY, "backfill", "--config", str(proxied.config), str(whole)], stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE, text=True, timeout=60, check=False,
                        env={**environment, "NO_PROXY": "*", "no_proxy": "*"})
check("resolve" not in result.stderr, "NO_PROXY goes past the proxy: %s" % result.stderr)

# A recording of what this logger itself publishes would put second samples beside the live ones: where it publishes, that is told.
recording = folder / "recording"
recording.write_text('2026-11-01T10:00:00.000000+0000 power/pdu/power/in {"w":246,"va":336,"a":2.1}\n')
publishing = Scratch()
publishing.write_config(server.url, "/dev/null")
silent = subprocess.run([BINARY, "backfill", "--config", str(publishing.config), "--dry-run", "--pdu", "a", str(recording)],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
publishing.config.write_text(publishing.config.read_text() + '[mqtt]\nhost = "127.0.0.1"\ntls = false\n')
told = subprocess.run([BINARY, "backfill", "--config", str(publishing.config), "--dry-run", "--pdu", "a", str(recording)],
                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
check(silent.returncode == told.returncode == 0, "a recording: %s, %s" % (silent, told))
check("--since" in told.stdout and "--since" not in silent.stdout, "of second samples: %s\nnot: %s" % (told.stdout, silent.stdout))
# Where what is told goes nowhere (a terminal that is gone, a pipe that is closed) the run goes on to its end.
mixed = folder / "mixed.ndjson"
mixed.write_text(document(1) + "{}\n" + document(2))
with open("/dev/full", "w") as full:
    result = subprocess.run([BINARY, "backfill", "--config", str(scratch.config), "--dry-run", str(mixed)], stdout=subprocess.PIPE,
                            stderr=full, text=True, timeout=60, check=False, env=environment)
check(result.returncode == 8, "with nowhere to tell: ended with %d" % result.returncode)
print("all as it should be")
