# SPDX-License-Identifier: MIT
"""Between the program and the server: passes each request on, or does with it what the trial's rule says."""
import base64
import gzip
import http.client
import json
import os
import socket
import struct
import threading
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def raw(self, length=True):
        lines = ["HTTP/1.1 %d %s" % (self.status, http.client.responses.get(self.status, "odd"))]
        lines += ["%s: %s" % header for header in self.headers]
        if length:
            lines.append("Content-Length: %d" % len(self.body))
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


def made_answer(status, body, *headers, product=True):
    """As Elasticsearch would give it."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    mark = [("X-elastic-product", "Elasticsearch")] if product else []
    return Answer(status, [("Content-Type", "application/json"), *mark, *headers], text)


class Exchange:
    """One request of the program's, and what may be done with it."""

    def __init__(self, proxy, client, method, path, headers, body):
        self.proxy, self.client = proxy, client
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def is_bulk(self):
        return self.path.split("?")[0].endswith("/_bulk")

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def key(self):
        """The API key that came with it."""
        word = self.header("Authorization").removeprefix("ApiKey ")
        try:
            return base64.b64decode(word).decode()
        except ValueError:
            return word

    def plain_body(self):
        return gzip.decompress(self.body) if self.header("Content-Encoding") == "gzip" else self.body

    def ask(self, body=None, headers=None):
        """The server's own answer."""
        connection = http.client.HTTPConnection(self.proxy.upstream.hostname, self.proxy.upstream.port, timeout=60)
        try:
            kept = [(k, v) for k, v in headers or self.headers if k.lower() not in ("connection", "content-length", "expect")]
            connection.putrequest(self.method, self.path, skip_host=True, skip_accept_encoding=True)
            for key, value in kept:
                connection.putheader(key, value)
            data = self.body if body is None else body
            if data or self.method in ("POST", "PUT"):
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            got = connection.getresponse()
            dropped = ("transfer-encoding", "content-length", "connection")
            return Answer(got.status, [(k, v) for k, v in got.getheaders() if k.lower() not in dropped], got.read())
        finally:
            connection.close()

    def send(self, data):
        self.client.sendall(data)

    def give(self, answer):
        self.send(answer.raw())

    def pass_on(self):
        self.give(self.ask())

    def end(self):
        self.client.shutdown(socket.SHUT_RDWR)

    def reset(self):
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.client.detach())  # now, whoever else still reads from it

    def hold(self):
        """No answer until the trial lets go of all that is held."""
        self.proxy.let_go.wait()
        self.end()


class Proxy:
    def __init__(self, upstream, tls=None):
        self.tls = tls  # an ssl.SSLContext
        self.upstream = urllib.parse.urlsplit(upstream)
        self.rule = None  # for bulk requests: does something with an Exchange
        self.rule_for_all = None  # for every request
        self.cut_request_after = None  # bytes of a request that are read before the connection is reset
        self.bulks = self.struck = self.connections = 0
        self.struck_last = None
        self.let_go = threading.Event()
        self.clients = set()
        self.lock = threading.Lock()
        self.port = 0
        self.listener = None
        self.up()
        self.url = ("https" if tls else "http") + "://127.0.0.1:%d" % self.port

    def up(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(16)
        self.port, self.listener = listener.getsockname()[1], listener
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def down(self):
        """Nobody listens any more, and what was open is cut."""
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self.lock:
            clients = list(self.clients)
        for client in clients:
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def be_well(self):
        self.rule = self.rule_for_all = self.cut_request_after = None
        held, self.let_go = self.let_go, threading.Event()
        held.set()
        if not self.listener:
            self.up()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with self.lock:
            self.clients.add(client)
        try:
            if self.tls:
                client = self.tls.wrap_socket(client, server_side=True)
            stream = client.makefile("rb")
            while self.serve_one(client, stream):
                pass
        except (OSError, ValueError, http.client.HTTPException):
            pass
        finally:
            with self.lock:
                self.clients.discard(client)
            client.close()

    def serve_one(self, client, stream):
        first = stream.readline().split()
        if len(first) < 2:
            return False
        headers = []
        for line in iter(stream.readline, b"\r\n"):
            if not line:
                return False
            key, _, value = line.decode("latin-1").partition(":")
            headers.append((key, value.strip()))
        exchange = Exchange(self, client, first[0].decode(), first[1].decode(), headers, b"")
        length = int(exchange.header("Content-Length") or 0)
        cut = self.cut_request_after
        if cut is not None and exchange.is_bulk:
            stream.read(min(cut, length))
            self.struck += 1
            exchange.reset()
            return False
        exchange.body = stream.read(length)
        self.bulks += exchange.is_bulk
        rule = self.rule_for_all or (self.rule if exchange.is_bulk else None)
        if rule:
            self.struck += 1
            self.struck_last = exchange
            return rule(exchange) is not False
        exchange.pass_on()
        return True
