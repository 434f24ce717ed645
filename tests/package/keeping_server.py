# SPDX-License-Identifier: MIT
"""A server that keeps what it is sent, in a file that a reboot does not end. A document that is there already is
answered 409, as Elasticsearch does. Usage: keeping_server.py PORT FILE"""
import json
import os
import signal
import sys
import threading

from stub_server import StubServer


def identity(document):
    """What makes a document itself: see docs/architecture.md."""
    return json.dumps([document["@timestamp"], document.get("device", {}).get("id"), document["event"],
                       document.get("powerwalker", {}).get("outlet", {}).get("number")], sort_keys=True)


class KeepingServer(StubServer):
    def __init__(self, port, path):
        self.lock = threading.Lock()
        self.known = set()
        if os.path.exists(path):
            with open(path, encoding="utf-8") as before:
                self.known = {identity(json.loads(line)) for line in before}
        self.file = open(path, "a", encoding="utf-8")
        super().__init__(port)

    def keep(self, line):
        key = identity(json.loads(line))
        if key in self.known:
            return {"create": {"status": 409, "error": {"type": "version_conflict_engine_exception",
                                                        "reason": "document already exists"}}}
        self.known.add(key)
        self.file.write(line + "\n")
        return {"create": {"status": 201}}

    def answer(self, path, body, headers=None):
        if path != "/_bulk":
            return super().answer(path, body, headers)
        with self.lock:
            items = [self.keep(line) for line in body.decode().splitlines()[1::2]]
            self.file.flush()
        return 200, {"took": 1, "errors": any(item["create"]["status"] != 201 for item in items), "items": items}


if __name__ == "__main__":
    server = KeepingServer(int(sys.argv[1]), sys.argv[2])
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
