# SPDX-License-Identifier: MIT
"""A headless Chromium, driven over the WebDriver protocol with nothing but Python's own library."""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.error
import urllib.request

ARGUMENTS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
             '--force-device-scale-factor=1', '--no-first-run', '--disable-extensions']


def missing():
    """The Debian packages that are not installed."""
    return [package for program, package in (('chromium', 'chromium'), ('chromedriver', 'chromium-driver'))
            if not shutil.which(program)]


class BrowserError(Exception):
    """What the driver says went wrong in the browser."""


class Browser:
    """`zone`: the time zone its pages live in."""

    def __init__(self, zone=None):
        environment = {**os.environ, **({'TZ': zone} if zone else {})}
        self.driver = subprocess.Popen(['chromedriver', '--port=0'], stdout=subprocess.PIPE, text=True,
                                       stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environment)
        port = next(match[1] for match in (re.search(r'started successfully on port (\d+)', line)
                                           for line in self.driver.stdout) if match)
        self.url = f'http://127.0.0.1:{port}'
        options = {'binary': shutil.which('chromium'), 'args': ARGUMENTS}
        capabilities = {'browserName': 'chrome', 'goog:chromeOptions': options,
                        'timeouts': {'script': 120000, 'pageLoad': 300000},
                        'goog:loggingPrefs': {'browser': 'SEVERE'}}
        answer = self.ask('POST', '/session', {'capabilities': {'alwaysMatch': capabilities}})
        self.url += f'/session/{answer["sessionId"]}'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.ask('DELETE', '')
        except (OSError, BrowserError):
            pass  # it is ended below all the same
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()

    def ask(self, method, path, body=None):
        data = None if method in ('GET', 'DELETE') else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.url + path, data, {'Content-Type': 'application/json'}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=180) as answer:
                return json.load(answer)['value']
        except urllib.error.HTTPError as error:
            said = json.load(error)['value']
            raise BrowserError(f'{method} {path}: {said["error"]}: {said["message"].splitlines()[0]}') from None

    def open(self, url):
        self.ask('POST', '/url', {'url': url})

    def resize(self, width, height):
        self.ask('POST', '/window/rect', {'width': width, 'height': height})

    def run(self, script):
        return self.ask('POST', '/execute/sync', {'script': script, 'args': []})

    def picture(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.ask('GET', '/screenshot')))

    def complaints(self):
        """What the page wrote to the console as errors since the last call."""
        return [entry['message'] for entry in self.ask('POST', '/se/log', {'type': 'browser'})]
