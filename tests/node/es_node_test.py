#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/es-node: what the tests that kill and restart a node rely on."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

ES_NODE = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "es-node"


def es_node(*arguments):
    return subprocess.run([ES_NODE, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=400)


def started(*arguments):
    """The url=, pid= and dir= lines of a start that must succeed."""
    done = es_node("start", *arguments)
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def call(method, url, body=None):
    request = urllib.request.Request(url, body and json.dumps(body).encode(),
                                     {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers, json.load(answer)


def alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class EsNode(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pwlog-es-test.")
        self.addCleanup(folder.cleanup)
        self.dir = folder.name
        self.addCleanup(lambda: es_node("stop", "--dir", self.dir))

    def test_killed_it_comes_back_on_its_port_with_what_it_acknowledged(self):
        first = started("--dir", self.dir, "--port", "0")
        headers, root = call("GET", first["url"])
        self.assertEqual(headers["X-Elastic-Product"], "Elasticsearch")
        self.assertRegex(root["version"]["number"], r"^\d+\.\d+\.\d+$")
        call("PUT", first["url"] + "/kept/_create/1", {"value": 1})
        os.kill(int(first["pid"]), signal.SIGKILL)

        second = started("--dir", self.dir, "--port", first["url"].rsplit(":", 1)[1])
        self.assertEqual(second["url"], first["url"])
        self.assertEqual(call("GET", second["url"] + "/kept/_doc/1")[1]["_source"], {"value": 1})

        again = es_node("start", "--dir", self.dir)
        self.assertEqual(again.returncode, 1)
        self.assertIn("running", again.stderr)

        self.assertEqual(es_node("stop", second["pid"]).returncode, 0)
        self.assertFalse(alive(second["pid"]))

    def test_it_ends_with_its_owner(self):
        with subprocess.Popen(["sleep", "300"]) as owner:
            node = started("--dir", self.dir, "--with", str(owner.pid))
            owner.kill()
        deadline = time.monotonic() + 30
        while alive(node["pid"]) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(alive(node["pid"]))

    def test_a_port_in_use_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = es_node("start", "--dir", self.dir, "--port", str(port))
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(port), done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
