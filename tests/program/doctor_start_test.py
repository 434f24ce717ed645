# SPDX-License-Identifier: MIT
"""What `pwlog run` refuses at its start is a finding of the doctor: every refusal that the code has is provoked here, run
ends with it, and the doctor, asked the same moment, fails with the same words."""
import fcntl
import json
import os
import pathlib
import re
import socket

from harness import SOURCE, Scratch, check, pwlog
from line_device import Pdu

# Where a start can be refused, beside the configuration's own mistakes.
PLACES = ["base/secret.cpp", "control/control_socket.cpp", "spool/spool_directory.cpp", "spool/instance_lock.cpp"]
# Refusals that no start meets, or nobody can bring about here.
EXCUSED = {
    "the name of a secret file is empty": "the configuration is refused before",
    "a socket's path has 1 to": "the configuration is refused before",
    "reading secret file": "a disk that fails to read",
    "secret file {}: {}": "a file that is open and cannot be looked at",
    "deleting ": "a rescue that has ended",
    "{} {}: {}": "words of another refusal",
    "control socket {}: {}: {}": "words of another refusal",
    "another program listens there": "the doctor calls it silent: doctor_test.py",
    "belongs to user {}; it must belong": "for whoever is not root",
    "the spool folder {} belongs to user {}": "root looks as the folder's owner: doctor_test.py",
    "is a systemd credential's name": "only the service has it: a finding that is skipped, doctor_test.py",
    "locking": "a file system without locks",
    "a dead one cannot be removed": "a folder that lets a file be made and not removed",
    "cannot be opened to others": "a socket that was just made",
    "cannot be made": "a folder that lets a lock be made and no socket",
    "cannot reach the daemon": "a client's words",
    "flushing the folder": "a disk that fails",
    "looking at": "a folder that may be listed and not looked into",
    "looking for the spool folder": "a folder that vanishes",
    "looking at the spool folder": "a folder that vanishes",
    "making": "a disk that is full or read-only: then samples wait in memory",
    "renaming": "a disk that is full or read-only: then samples wait in memory",
    "writing": "a disk that is full or read-only: then samples wait in memory",
}
said = []


class Bench(Scratch):
    def __init__(self):
        super().__init__()
        self.path.chmod(0o755)
        self.write_config("http://127.0.0.1:9", pdu.link)
        self.spool = self.path / "spool"
        self.socket = self.path / "pwlog.sock"
        self.secret = self.path / "secret"

    def edit(self, old, new):
        text = self.config.read_text()
        check(old in text, "no %r in the configuration" % old)
        self.config.write_text(text.replace(old, new, 1))

    def make_spool(self):
        check(pwlog("once", "--config", self.config).returncode == 6, "a spool")


def refused(what, prepare, finding):
    bench = Bench()
    kept = prepare(bench)
    ended = pwlog("run", "--as-root", "--config", bench.config, timeout=90)
    check(ended.returncode not in (0, None), "%s: run ended with %s" % (what, ended.returncode))
    report = json.loads(pwlog("doctor", "--json", "--config", bench.config).stdout)
    found = [f for f in report["findings"] if f["name"] == finding and f["verdict"] in ("fail", "warn")]
    check(found, "%s: run says %s; the doctor: %s" % (what, ended.stderr, json.dumps(report["findings"], indent=1)))
    check(found[0].get("next"), "%s: nothing to do next" % what)
    check(found[0]["verdict"] == "fail" or finding == "spool_busy", "%s: %s" % (what, found[0]))
    message = found[0]["message"].split(" (")[0].split("; ")[0]
    check(message in ended.stderr, "%s: run says %r, the doctor %r" % (what, ended.stderr, message))
    said.append(ended.stderr + found[0]["message"])
    print("%-40s %s" % (what, found[0]["message"]))
    if kept:
        kept.close()
    bench.remove()


def secret_of(section, text, mode=0o600):
    def prepare(bench):
        if text is not None:
            bench.secret.write_text(text)
            bench.secret.chmod(mode)
        if section == "elasticsearch":
            bench.edit("[elasticsearch]\n", '[elasticsearch]\napi_key_file = "%s"\n' % bench.secret)
        else:
            bench.config.write_text(bench.config.read_text() + '[mqtt]\nhost = "127.0.0.1"\nport = 9\ntls = false\n'
                                    'username = "pwlog"\npassword_file = "%s"\n' % bench.secret)
    return prepare


def folder_secret(section):
    def prepare(bench):
        secret_of(section, None)(bench)
        bench.secret.mkdir()
    return prepare


def with_spool(change):
    def prepare(bench):
        bench.make_spool()
        return change(bench.spool)
    return prepare


def empty_folder(mode):
    def prepare(bench):
        bench.spool.mkdir()
        bench.spool.chmod(mode)
    return prepare


def lock(path):
    held = open(path, "a+")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


def of_a_newer_version(spool):
    with open(spool / "spool.db", "r+b") as file:
        file.seek(60)  # user_version, https://www.sqlite.org/fileformat.html#the_database_header
        file.write((1000).to_bytes(4, "big"))


def links_to(name):
    def change(spool):
        if (spool / name).exists():
            (spool / name).unlink()
        (spool / name).symlink_to("/dev/null")
    return change


def second_name(spool):
    os.link(spool / "spool.db", spool / "copy")


def replaced_by(make):
    def change(spool):
        (spool / "spool.db").unlink()
        make(spool / "spool.db")
    return change


def another_process(bench):
    """It holds the lock and does not listen (yet)."""
    return lock(str(bench.socket) + ".lock")


def of_another_user(bench):
    os.mkdir(bench.spool, 0o700)
    (bench.spool / "spool.db").touch()
    os.chown(bench.spool / "spool.db", 65534, 65534)


pdu = Pdu(pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / ("pwlog-start-%d" % os.getpid()), paced=False)
for section in ("elasticsearch", "mqtt"):
    refused("%s: no secret" % section, secret_of(section, None), "secret_missing")
    refused("%s: exposed" % section, secret_of(section, "abc", 0o644), "secret_exposed")
    refused("%s: empty" % section, secret_of(section, ""), "secret_invalid")
    refused("%s: two lines" % section, secret_of(section, "abc\ndef\n"), "secret_invalid")
    refused("%s: long" % section, secret_of(section, "x" * 70000), "secret_invalid")
    refused("%s: a folder" % section, folder_secret(section), "secret_invalid")
refused("spool: open to others", with_spool(lambda spool: spool.chmod(0o750)), "spool_denied")
refused("spool: empty and open to others", empty_folder(0o755), "spool_denied")
refused("spool: a file", lambda bench: bench.spool.touch(), "spool_odd_file")
refused("spool: below a file", lambda b: b.edit('path = "%s"' % b.spool, 'path = "%s/spool"' % b.config), "spool_not_writable")
refused("spool: a link as its file", with_spool(links_to("spool.db")), "spool_odd_file")
refused("spool: a folder as its file", with_spool(replaced_by(os.mkdir)), "spool_odd_file")
refused("spool: a pipe as its file", with_spool(replaced_by(os.mkfifo)), "spool_odd_file")
refused("spool: two names", with_spool(second_name), "spool_odd_file")
refused("spool: a socket as its file", with_spool(replaced_by(lambda path: socket.socket(socket.AF_UNIX).bind(str(path)))),
        "spool_odd_file")
refused("spool: a link as its log", with_spool(links_to("spool.db-wal")), "spool_odd_file")
refused("spool: a link as its lock", with_spool(links_to("spool.lock")), "spool_denied")
refused("spool: a lock with two names", with_spool(lambda spool: os.link(spool / "spool.lock", spool / "copy")),
        "spool_odd_file")
refused("spool: of a newer version", with_spool(of_a_newer_version), "spool_odd_file")
refused("spool: in use", with_spool(lambda spool: lock(spool / "spool.lock")), "spool_busy")
if os.geteuid() == 0:
    refused("spool: another user's file", of_another_user, "spool_odd_file")
refused("socket: no folder", lambda b: b.edit(str(b.socket), str(b.path / "a/b/pwlog.sock")), "control_socket_unusable")
refused("socket: below a file", lambda b: b.edit(str(b.socket), str(b.config / "pwlog.sock")), "control_socket_unusable")
refused("socket: a file", lambda b: b.socket.touch(), "control_socket_unusable")
refused("socket: a folder", lambda b: b.socket.mkdir(), "control_socket_unusable")
refused("socket: a link as its lock", lambda b: os.symlink("/dev/null", str(b.socket) + ".lock"), "control_socket_unusable")
refused("socket: in use", another_process, "control_socket_unusable")
pdu.stop()

# No refusal was forgotten, and none comes to the code without its case.
heard = "\n".join(said)
unused = set(EXCUSED)
for place in PLACES:
    text = re.sub(r'"\s*\n\s*"', "", (SOURCE / "src" / place).read_text())
    words = [m.group(1) for m in re.finditer(r'fail\(\s*(?:[^;"]*?)"((?:[^"\\]|\\.)*)"', text)]
    words += re.findall(r'(?:path_error|failed)\([^;"]*"((?:[^"\\]|\\.)*)"', text)
    check(words, "no refusals in " + place)
    for word in words:
        excused = {part for part in EXCUSED if part in word}
        unused -= excused
        pattern = ".*".join(re.escape(part) for part in re.split(r"\{[^}]*\}", word))
        if not excused and not re.search(pattern, heard):
            check(False, "%s refuses with %r: no case here provokes it" % (place, word))
check(not unused, "no code says this any more: %s" % unused)
known = (SOURCE / "docs/doctor.md").read_text()
check("| `control_socket_unusable`" in known, "docs/doctor.md")
print("%d refusals" % len(said))
