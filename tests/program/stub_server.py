# SPDX-License-Identifier: MIT
"""As much of an Elasticsearch as the doctor asks; each test says what is odd about it. It notes every request, so
that a test can show that nothing was written."""
import gzip
import http.server
import json
import threading
import time


class StubServer:
    def __init__(self, port=0):
        self.be_well()
        self.requests = []
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                path = self.path.split("?")[0]
                stub.requests.append((self.command, path))
                stub.command = self.command
                status, body = stub.answer(path, body, self.headers)
                data = b"<html>router</html>" if stub.html else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html" if stub.html else "application/json")
                if not stub.html:
                    self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d" % self.server.server_port

    def be_well(self):
        """Nothing is odd."""
        self.version = "8.19.21"
        self.status = {}  # by path: an odd HTTP status
        self.mapping_version = 99  # newer than any: fits
        self.managed_by = "pwlog"
        self.has_template = True
        self.has_index = False  # the month's, of this time
        self.privileges = {"create_doc": True, "auto_configure": True, "view_index_metadata": True}
        self.newest = {}  # device.id -> seconds since 1970
        self.html = False

    def answer(self, path, body, _headers=None):
        for part, status in self.status.items():
            if path == part or (part != "/" and part in path):
                return status, {"error": {"type": "stub_exception", "reason": "asked to"}, "status": status}
        meta = {"managed_by": self.managed_by, "version": self.mapping_version, "index_mode": "time_series"}
        if path == "/":
            return 200, {"version": {"number": self.version}, "tagline": "You Know, for Search"}
        if path.endswith("_has_privileges"):
            return 200, {"has_all_requested": all(self.privileges.values()),
                         "index": {"powerwalker-metrics-*": self.privileges}}
        if "_simulate_index" in path:
            return 200, {"template": {"mappings": {"_meta": meta}}} if self.has_template else {}
        if path.endswith("_mapping") and self.has_index and time.strftime("%Y.%m", time.gmtime()) in path:
            return 200, {path.split("/")[1]: {"mappings": {"_meta": meta}}}
        if path.endswith("_mapping"):
            return 404, {"error": {"type": "index_not_found_exception", "reason": "none"}, "status": 404}
        if path.endswith("_search"):
            return 200, {"aggregations": {"device": {"buckets": self.newest_of(json.loads(body))}}}
        if path == "/_bulk":
            items = [{"create": {"status": 201}} for _ in range(body.count(b"\n") // 2)]
            return 200, {"took": 1, "errors": False, "items": items}
        return 404, {"error": "no handler"}

    def newest_of(self, question):
        """As many as are asked for, of those that are asked for."""
        filters = question["query"].get("bool", {}).get("filter", [])
        wanted = [part["terms"]["device.id"] for part in filters if "terms" in part]
        size = question.get("aggs", {}).get("device", {}).get("terms", {}).get("size", 10)
        return [{"key": device, "time": {"value": when * 1000.0}} for device, when in self.newest.items()
                if all(device in ids for ids in wanted)][:size]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
