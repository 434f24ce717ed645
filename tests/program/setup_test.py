# SPDX-License-Identifier: MIT
"""Setup on a cluster that wants a login, on one without security, and with options that make no sense together."""
import base64
import os
import pwd
import stat

from harness import Scratch, check, pwlog
from stub_server import StubServer

import terminal

scratch = Scratch()
ADMIN = "Basic " + base64.b64encode(b"elastic:geheim").decode()


class SecuredServer(StubServer):
    """401 without the administrator's login; `weak` logs in and may nothing."""

    def answer(self, path, body, headers=None):
        who = headers.get("Authorization", "")
        if who.startswith("ApiKey") or who == "Basic " + base64.b64encode(b"weak:geheim").decode():
            return 403, {"error": {"type": "security_exception", "reason": "action is unauthorized"}, "status": 403}
        if who != ADMIN:
            return 401, {"error": {"type": "security_exception", "reason": "missing authentication"}, "status": 401}
        if path == "/_security/api_key":
            return 200, {"id": "i", "name": "n", "api_key": "k", "encoded": "aTpr"}
        if path == "/":
            return super().answer(path, body)
        if "_mapping" in path:
            return 200, {}
        if path.startswith("/_") and self.command == "GET":
            return 404, {"error": {"type": "resource_not_found_exception", "reason": "none"}, "status": 404}
        return 200, {"acknowledged": True}


class OpenServer(SecuredServer):
    """A cluster whose security is off."""

    def answer(self, path, body, headers=None):
        if path == "/_security/api_key":
            return 400, {"error": "no handler found for uri [/_security/api_key] and method [POST]"}
        return super().answer(path, body, {"Authorization": ADMIN})


key = scratch.path / "api_key"


def configure(url):
    scratch.write_config(url, scratch.path / "pdu")
    text = scratch.config.read_text()
    scratch.config.write_text(text.replace("[spool]", 'api_key_file = "%s"\n[spool]' % key))


def setup(*arguments):
    done = pwlog("setup", "--config", scratch.config, *arguments)
    print("$ setup", *arguments, "->", done.returncode, done.stdout, done.stderr, sep="\n")
    return done.returncode, done.stdout + done.stderr


password = scratch.path / "password"
password.write_text("geheim\n")
password.chmod(0o600)
server = SecuredServer()
configure(server.url)

# The README's line, with a configuration that names the key to be made.
status, said = setup("--api-key", key)
check(status == 6 and "--user NAME" in said and "manage_index_templates" in said, "no login is named")
check(not key.exists(), "a file without a key")
status, said = setup("--api-key", key, "--user", "elastic", "--password-file", password)
check(status == 0 and "in %s" % key in said, "an administrator can't make the key")
check(key.read_text() == "aTpr\n" and stat.S_IMODE(key.stat().st_mode) == 0o600, "the key's file")
try:
    owner = pwd.getpwnam("pwlog").pw_uid if os.geteuid() == 0 else os.geteuid()
except KeyError:
    owner = os.geteuid()
check(key.stat().st_uid == owner, "the key's owner")

# The daemon's key is no administrator: that is what is said, and not that the key is missing.
status, said = setup()
check(status == 8 and "--user NAME" in said, "a key that may not")
status, said = setup("--api-key", key, "--user", "elastic", "--password-file", password)
check(status == 2 and "%s exists: remove it first" % key in said, "a key that is there")
key.unlink()
wrong = scratch.path / "wrong"
wrong.write_text("falsch\n")
wrong.chmod(0o600)
status, said = setup("--api-key", key, "--user", "elastic", "--password-file", wrong)
check(status == 6 and "elastic or its password is wrong" in said and not key.exists(), "a wrong password")
status, said = setup("--api-key", key, "--user", "weak", "--password-file", password)
check(status == 8 and "weak needs" in said and "manage_own_api_key" in said and not key.exists(), "a weak login")

# Asked on the terminal, and not echoed.
term = terminal.Terminal(os.environ["PWLOG_BINARY"], "setup", "--config", scratch.config, "--api-key", key, "--user",
                         "elastic", columns=120)
check(term.wait(lambda text: "Password of elastic:" in text), "no question for the password")
term.type("geheim\n")
check(term.ended(20) == 0 and key.exists() and b"geheim" not in term.raw, "the password at the terminal")
key.unlink()

# What a dry run says was not done.
status, said = setup("--dry-run", "--api-key", key, "--user", "elastic", "--password-file", password)
check(status == 0 and said.count("would be created") == 9 and not key.exists(), "a dry run")
check("  created" not in said and "  removed" not in said, "a dry run says that it did")
check(all(method in ("GET", "PUT", "POST") for method, _ in server.requests), "methods")
status, said = setup("--dry-run", "--remove", "--user", "elastic", "--password-file", password)
check(status == 0 and "  removed" not in said, "a dry run of the removal")

# Options that would be ignored.
for arguments, word in ((("--space", "ops"), "--kibana"), (("--dashboards", "x"), "--kibana"),
                        (("--remove", "--api-key", key), "--remove"), (("--remove", "--retention", "2y"), "--remove"),
                        (("--password-file", password), "--user")):
    status, said = setup(*arguments)
    check(status == 2 and word in said, arguments)

# Without security there is no key to make, and none is needed.
server.stop()
server = OpenServer()
configure(server.url)
status, said = setup("--api-key", key)
check(status == 8 and "no security, so it makes no key" in said and not key.exists(), "a cluster without security")
server.stop()
scratch.remove()
