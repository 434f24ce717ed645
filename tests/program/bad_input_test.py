# SPDX-License-Identifier: MIT
"""Bad input: one clear line, what was wrong, where, what to do, and a documented exit code."""
import http.server
import os
import socket
import sys
import threading

from harness import Daemon, Scratch, check, pwlog, shared_node, wait_until
from line_device import Ats, Pdu

elastic = shared_node()
scratch = Scratch()
config = scratch.config


def expect(name, result, status, *words):
    text = result.stderr.strip()
    print("%s (%d):\n    %s" % (name, result.returncode, text.replace("\n", "\n    ")))
    check(result.returncode == status, "%s: exit status %d, not %d" % (name, result.returncode, status))
    for word in words:
        check(word in text, "%s: the message does not say '%s'" % (name, word))
    check("\\x0a" not in text, "%s: two lines as one" % name)
    check(len(text.splitlines()) <= 3, "%s: more than a clear line" % name)


def broken(text):
    config.write_text(text)
    config.chmod(0o600)
    return pwlog("run", "--config", config)


GOOD = '[elasticsearch]\nhosts = ["%s"]\n[spool]\npath = "%s"\n' % (elastic.url, scratch.path / "spool")
DEVICE = '[[pdu]]\nid = "a"\nport = "/dev/pts/999"\n'

expect("unknown key", broken(GOOD + DEVICE + 'intervall = "10s"\n'), 2, "pwlog.toml:8", "intervall", "interval")
expect("wrong type", broken("interval = 10\n" + GOOD + DEVICE), 2, "pwlog.toml:1", "interval", '"10s"')
expect("duplicate id", broken(GOOD + DEVICE + '[[ats]]\nid = "a"\nport = "/dev/pts/998"\n'), 2, '"a"', "pwlog.toml:9")
expect("interval too short", broken(GOOD + DEVICE + 'interval = "500ms"\n'), 2, "500 ms", "QGS")
expect("no file", pwlog("run", "--config", scratch.path / "absent.toml"), 2, "absent.toml")
expect("no file, no port", pwlog("outlet", "list", "--config", scratch.path / "absent.toml"), 2, "absent.toml", "--port PATH")

scratch.write_config(elastic.url, scratch.path / "absent")
check(pwlog("setup", "--config", config).returncode == 0, "setup failed")
expect("absent port", pwlog("once", "--config", config), 3, "absent", "pdu1")

pdu = Pdu(scratch.path / "pdu", paced=False)
ats = Ats(scratch.path / "ats", paced=False)

scratch.write_config(elastic.url, pdu.link)
other = Scratch()
other.write_config(elastic.url, pdu.link, interval="2s")
holder = Daemon(other)
wait_until(lambda: "shipping to" in holder.log(), 60, "the daemon that holds the port")
expect("port in use", pwlog("once", "--config", config), 3, str(holder.process.pid), "pdu1")
expect("spool in use", pwlog("once", "--config", other.config), 5, str(holder.process.pid))
holder.stop()

scratch.write_config(elastic.url, ats.link)
expect("wrong device", pwlog("once", "--config", config), 3, "PI97", "ATS")

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
scratch.write_config("http://127.0.0.1:%d" % port, pdu.link)
expect("unreachable server", pwlog("once", "--config", config), 6, "127.0.0.1:%d" % port)
expect("setup, unreachable server", pwlog("setup", "--config", config), 6, "127.0.0.1:%d" % port)


class NotElasticsearch(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Welcome to the router</html>")

    do_POST = do_PUT = do_GET

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), NotElasticsearch)
threading.Thread(target=server.serve_forever, daemon=True).start()
scratch.write_config("http://127.0.0.1:%d" % server.server_port, pdu.link)
expect("not Elasticsearch", pwlog("once", "--config", config), 6, "Elasticsearch", "127.0.0.1:%d" % server.server_port)
server.shutdown()

secret = scratch.path / "key"
secret.write_text("secret")
secret.chmod(0o644)
config.write_text('[elasticsearch]\nhosts = ["%s"]\napi_key_file = "%s"\n[spool]\npath = "%s"\n' %
                  (elastic.url, secret, scratch.path / "spool2") + DEVICE)
expect("secret readable by all", pwlog("once", "--config", config), 2, "key", "chmod")
pdu.stop()
ats.stop()
scratch.remove()
other.remove()
