#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The servers that the installed daemon talks to, on loopback: as much of an Elasticsearch as shipping asks, and a NUT
server with 16 UPSes. Each bulk document is appended to DIR/documents, each Authorization header to DIR/authorization.

Usage: peers.py DIR   (Elasticsearch on port 9200, NUT on 3493)
"""
import gzip
import http.server
import json
import pathlib
import socketserver
import sys
import threading

FOLDER = pathlib.Path(sys.argv[1])
LOCK = threading.Lock()
UPS = {"battery.charge": "87", "battery.runtime": "1320", "input.voltage": "230.4", "output.voltage": "229.9",
       "ups.load": "23", "ups.status": "OL CHRG", "ups.mfr": "PowerWalker", "ups.model": "VI 1500 RT HID"}


def note(name, text):
    with LOCK, (FOLDER / name).open("a") as file:
        file.write(text)


class Elastic(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        note("authorization", self.headers.get("Authorization", "none") + "\n")
        path = self.path.split("?")[0]
        status, answer = 404, {"error": {"type": "index_not_found_exception", "reason": "none"}, "status": 404}
        if path == "/":
            status, answer = 200, {"version": {"number": "8.19.21"}, "tagline": "You Know, for Search"}
        elif path.endswith("_bulk"):
            documents = body.decode().splitlines()[1::2]
            note("documents", "".join(line + "\n" for line in documents))
            status, answer = 200, {"took": 1, "errors": False, "items": [{"create": {"status": 201}}] * len(documents)}
        elif "_simulate_index" in path:
            meta = {"managed_by": "pwlog", "version": 99, "index_mode": "time_series"}
            status, answer = 200, {"template": {"mappings": {"_meta": meta}}}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_HEAD = reply

    def log_message(self, *_):
        pass


class Nut(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            words = line.decode().split()
            if words[:2] == ["LIST", "VAR"]:
                ups = words[2]
                said = "".join('VAR %s %s "%s"\n' % (ups, *item) for item in UPS.items())
                self.wfile.write(("BEGIN LIST VAR %s\n%sEND LIST VAR %s\n" % (ups, said, ups)).encode())
            elif words[:2] == ["GET", "VAR"]:
                self.wfile.write(('VAR %s %s "%s"\n' % (words[2], words[3], UPS.get(words[3], ""))).encode())
            elif words == ["LOGOUT"]:
                self.wfile.write(b"OK Goodbye\n")
                return
            else:
                self.wfile.write(b"ERR UNKNOWN-COMMAND\n")


class NutServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


threading.Thread(target=NutServer(("127.0.0.1", 3493), Nut).serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer(("127.0.0.1", 9200), Elastic).serve_forever()
