# SPDX-License-Identifier: MIT
"""A server that cannot take what pwlog would send is judged alike by every command that talks to it, and none sends
people round in a circle."""
import json

from captured_device import CapturedPdu
from harness import Daemon, Scratch, check, pwlog, wait_until
from stub_server import StubServer


class OddServer(StubServer):
    """An OpenSearch, or an Elasticsearch of some version; nothing is set up there."""

    def __init__(self, version, distribution=None):
        super().__init__()
        self.version, self.distribution, self.has_template = version, distribution, False

    def answer(self, path, body, headers=None):
        if path == "/" and self.distribution:
            return 200, {"version": {"number": self.version, "distribution": self.distribution}}
        return super().answer(path, body, headers)


def commands(recording):
    return {"setup": ("setup",), "once": ("once",), "doctor": ("doctor",), "backfill": ("backfill", recording)}


def said(name, *arguments):
    done = pwlog(*arguments, "--config", scratch.config)
    print("$ pwlog", name, "->", done.returncode, done.stdout, done.stderr, sep="\n")
    return done.returncode, done.stdout + done.stderr


scratch = Scratch()
pdu = CapturedPdu(scratch.path / "pdu", paced=False)
recording = scratch.path / "old.ndjson"
recording.write_text(json.dumps({"@timestamp": "2026-10-01T00:00:00.000Z", "event": {"dataset": "powerwalker.pdu"},
                                 "device": {"id": "pdu1"}}) + "\n")

for server, why in ((OddServer("2.19.1", "opensearch"), "OpenSearch 2.19.1 has no time-series indices"),
                    (OddServer("8.5.3"), "Elasticsearch 8.5.3 has no time-series indices")):
    scratch.write_config(server.url, pdu.link)
    for name, arguments in commands(recording).items():
        status, text = said(name, *arguments)
        check(status != 0 and why in text, "%s does not say: %s" % (name, why))
        check('index_mode = "standard"' in text, "%s says no way out" % name)
    daemon = Daemon(scratch)
    wait_until(lambda: why in daemon.log(), 20, "the daemon's word on " + why)
    check("applies to powerwalker" not in daemon.log(), "the daemon speaks of templates")
    daemon.stop()
    check(not [path for method, path in server.requests if method == "PUT" or path == "/_bulk"],
          "something was written to a server that cannot take it")
    server.stop()

# One that is merely old is told of, and used.
server = OddServer("8.9.0")
server.has_template = True
scratch.write_config(server.url, pdu.link)
old = "Elasticsearch 8.9.0 is older than 8.12"
for name in ("setup", "doctor", "backfill"):
    check(old in said(name, *commands(recording)[name])[1], "%s says nothing of its age" % name)
daemon = Daemon(scratch)
wait_until(lambda: old in daemon.log(), 20, "the daemon's word on its age")
wait_until(lambda: ("POST", "/_bulk") in server.requests, 20, "documents for an old server")
daemon.stop()
check(daemon.log().count(old) == 1, "its age is told more than once")
server.stop()
scratch.remove()
