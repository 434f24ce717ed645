# SPDX-License-Identifier: MIT
"""Each fault that is put into the chain gives its own finding, the rest stays as it was, and the doctor changes
nothing: not one set command at a device, not one write to Elasticsearch."""
import fcntl
import json
import os
import pathlib
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from harness import SOURCE, Daemon, Scratch, check, pwlog, wait_until
from line_device import Ats, LineDevice, Pdu
from stub_server import StubServer

EXIT = {"configuration": 2, "secrets": 2, "daemon": 1, "ports": 3, "devices": 3, "clock": 1, "spool": 4,
        "elasticsearch": 6, "authorisation": 6, "templates": 7, "documents": 6}
READ_ONLY = [("GET", "/"), ("POST", "_has_privileges"), ("POST", "_simulate_index"), ("GET", "_mapping"),
             ("POST", "_search")]
devices = pathlib.Path(tempfile.mkdtemp(prefix="pwlog-doctor-"))
os.chmod(devices, 0o755)
pdu = Pdu(devices / "pdu", paced=False)
ats = Ats(devices / "ats", paced=False)
server = StubServer()
tried = 0
seen = set()


class Silent(LineDevice):
    def reply(self, master, request):
        self.said.append((time.time(), request, "", None))


class Babbler(Pdu):
    def answer(self, request):
        return "\x7f\x01garbage"


class Bench(Scratch):
    """A chain in which all is well; a fault is a change to it."""

    def __init__(self):
        super().__init__()
        os.chmod(self.path, 0o755)
        now = time.time()
        server.be_well()
        server.newest = {**{"other%d" % number: now for number in range(300)}, "pdu1": now, "ats1": now}  # of other loggers
        self.write_config(server.url, pdu.link, ats.link)
        made = pwlog("spool", "info", "--config", self.config)
        check("there is no spool" in made.stderr, made.stderr)
        os.mkdir(self.path / "spool", 0o700)

    def edit(self, old, new):
        text = self.config.read_text()
        check(old in text, "no %r in the configuration" % old)
        self.config.write_text(text.replace(old, new, 1))

    def auth(self, secret, mode=0o600):
        if secret is not None:
            (self.path / "key").write_text(secret)
            (self.path / "key").chmod(mode)
        self.edit("[elasticsearch]\n", '[elasticsearch]\napi_key_file = "%s"\n' % (self.path / "key"))

    def spool(self):
        """A spool with a cycle in it, made by a run whose server takes nothing."""
        server.status = {"/": 503}
        done = pwlog("once", "--config", self.config, timeout=120)
        server.status = {}
        check(done.returncode == 6, "once: %d %s" % (done.returncode, done.stderr))

    def examine(self, seconds=20):
        began = time.monotonic()
        done = pwlog("doctor", "--json", "--config", self.config)
        took = time.monotonic() - began
        check(took < seconds, "the doctor took %.1f s" % took)
        report = json.loads(done.stdout)
        check(report["exit_status"] == done.returncode, "exit status %d: %s" % (done.returncode, done.stdout))
        seen.update(finding["name"] for finding in report["findings"])
        return report


def names(report, *verdicts):
    return {finding["name"] for finding in report["findings"] if finding["verdict"] in verdicts}


def fault(name, prepare, seconds=20, verdict="fail", also=(), says=""):
    """`prepare` puts the fault in; nothing but it fails, and what is named in `also`."""
    global tried
    bench = Bench()
    undo = prepare(bench)
    report = bench.examine(seconds)
    if undo:
        undo()
    found = [finding for finding in report["findings"] if finding["name"] == name]
    check(found, "%s was not found: %s" % (name, json.dumps(report["findings"], indent=1)))
    check(found[0]["verdict"] == verdict, "%s: %s" % (name, found[0]))
    check(found[0].get("next"), "%s: no next thing to do" % name)
    check(says in found[0]["message"], "%s does not say %r: %s" % (name, says, found[0]))
    others = names(report, "fail") - {name} - set(also)
    check(not others, "%s: found beside it: %s" % (name, others))
    first = next((f for f in report["findings"] if f["verdict"] == "fail"), None)
    check(report["exit_status"] == (EXIT[first["step"]] if first else 0), "%s: exit status %d" % (name, report["exit_status"]))
    print("%-22s %s" % (name, found[0]["message"]))
    bench.remove()
    tried += 1


# All is well but for what this machine and a missing daemon say.
bench = Bench()
bench.spool()
report = bench.examine()
check(not names(report, "fail"), "without a fault: %s" % names(report, "fail"))
for name in ("config_valid", "port_opens", "device_answers", "wire_time_fits", "spool_fine", "server_answers",
             "authorised", "template_current", "documents_fresh", "daemon_not_running"):
    check(name in names(report, "pass", "warn"), "%s is missing: %s" % (name, report))
text = pwlog("doctor", "--config", bench.config)
check(text.returncode == 0 and "\x1b" not in text.stdout, text.stdout)
check("[daemon_not_running]" in text.stdout and "next: systemctl start pwlog" in text.stdout, text.stdout)
bench.remove()

# Configuration and secrets
fault("config_missing", lambda b: os.unlink(b.config))
fault("config_unknown_key", lambda b: b.edit("[spool]\n", "[spool]\nkeeep = \"7d\"\n"))
fault("interval_too_short", lambda b: b.edit('interval = "2s"', 'interval = "500ms"'))
fault("config_invalid", lambda b: b.edit("tariff = 0.31", "tariff = \"cheap\""))
fault("config_secret_inside", lambda b: b.edit("[elasticsearch]\n", "[elasticsearch]\npassword = \"hunter2\"\n"))
fault("config_writable", lambda b: b.config.chmod(0o666))
fault("secret_exposed", lambda b: b.auth("abc", 0o644))
fault("secret_missing", lambda b: b.auth(None))
fault("secret_invalid", lambda b: b.auth(""))


# Ports and devices
def hold(_):
    fd = os.open(pdu.link, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return lambda: os.close(fd)


def deny(bench):
    """As root sees everything, root looks as the spool's owner."""
    terminal = os.path.realpath(pdu.link)
    mode = os.stat(terminal).st_mode & 0o777
    os.chmod(terminal, 0)
    if os.geteuid() == 0:
        os.chmod(os.path.realpath(ats.link), 0o666)
        user = pwd.getpwnam("nobody")
        for folder in (bench.path / "spool", bench.path):
            os.chown(folder, user.pw_uid, user.pw_gid)
        bench.config.chmod(0o644)
    return lambda: os.chmod(terminal, mode)


def share(bench):
    """The ATS's name leads to the PDU's port."""
    os.symlink(os.path.realpath(pdu.link), bench.path / "by-id")
    bench.edit(ats.link, str(bench.path / "by-id"))


def replace_pdu(kind):
    def prepare(bench):
        other = kind(bench.path / "other", paced=False)
        bench.edit(pdu.link, other.link)
        return other.stop
    return prepare


fault("port_missing", lambda b: b.edit(pdu.link, pdu.link + "-absent"))
fault("port_not_a_device", lambda b: b.edit(pdu.link, str(b.config)))
fault("port_busy", hold)
fault("port_shared", share)
fault("port_name_passing", lambda b: b.edit(pdu.link, "/dev/ttyUSB77"), verdict="warn", also=("port_missing",))
fault("port_missing", lambda b: b.edit(pdu.link, "tcp://127.0.0.1:9"))
fault("port_denied", deny)
fault("device_silent", replace_pdu(Silent))
fault("device_garbled", replace_pdu(Babbler))
fault("device_wrong_kind", replace_pdu(Ats))
fault("wire_time_tight", lambda b: b.edit('interval = "2s"', 'interval = "1300ms"'), verdict="warn")


# The spool
def damage(bench):
    bench.spool()
    with open(bench.path / "spool/spool.db", "r+b") as file:
        file.seek(2048)
        file.write(b"\xa5" * 4096)
    bench.before = {f.name: f.read_bytes() for f in (bench.path / "spool").iterdir()}

    def unchanged():
        after = {f.name: f.read_bytes() for f in (bench.path / "spool").iterdir()}
        for folder in (after, bench.before):
            folder.pop("spool.lock")
        check(after.pop("spool.db-wal", b"") == b"", "SQLite may leave an empty log, and no other")
        check(after == bench.before, "the doctor changed the damaged spool")
    return unchanged


def lock_spool(bench):
    bench.spool()
    fd = os.open(bench.path / "spool/spool.lock", os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return lambda: os.close(fd)


def open_to_others(bench):
    bench.spool()
    os.chmod(bench.path / "spool", 0o755)


fault("spool_damaged", damage)
fault("spool_busy", lock_spool, verdict="warn")
fault("spool_denied", open_to_others)
fault("spool_absent", lambda b: os.rmdir(b.path / "spool"), verdict="warn")


def mounted(kind, options):
    def prepare(bench):
        made = subprocess.run(["mount", "-t", kind, "-o", options.format(bench.path), kind, bench.path / "spool"])
        check(made.returncode == 0, "mounting a %s" % kind)
        os.chmod(bench.path / "spool", 0o700)
        return lambda: subprocess.run(["umount", bench.path / "spool"], check=True)
    return prepare


def overlaid(bench):
    for name in ("lower", "upper", "work"):
        os.mkdir(bench.path / name)
    return mounted("overlay", "lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work")(bench)


if os.geteuid() == 0:
    fault("spool_in_memory", mounted("tmpfs", "size=4m"), also={"disk_low"})
    fault("spool_in_memory", mounted("ramfs", "mode=0700"), also={"disk_full"})
    fault("spool_on_overlay", overlaid, verdict="warn")
else:
    print("file systems that forget are not tried: that needs root")


# The daemon
def mute_daemon(bench):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(bench.path / "pwlog.sock"))
    listener.listen()
    return listener.close


fault("daemon_not_running", lambda b: None, verdict="warn")
fault("daemon_silent", mute_daemon)


# Elasticsearch
def set_server(**values):
    return lambda bench: server.__dict__.update(values)


def nobody_there(bench):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bench.edit(server.url, "http://127.0.0.1:%d" % free.getsockname()[1])


def black_hole(bench):
    hole = socket.socket()
    hole.bind(("127.0.0.1", 0))
    hole.listen(16)
    bench.edit(server.url, "http://127.0.0.1:%d" % hole.getsockname()[1])
    return hole.close


def unknown_authority(bench):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                    "-keyout", bench.path / "key.pem", "-out", bench.path / "cert.pem"], check=True,
                   stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bench.path / "cert.pem", bench.path / "key.pem")
    listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)

    def accept():
        while True:
            try:
                listener.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
    threading.Thread(target=accept, daemon=True).start()
    bench.edit(server.url, "https://127.0.0.1:%d" % listener.getsockname()[1])
    return listener.close


def another_host(bench):
    bench.edit('hosts = ["', 'hosts = ["http://127.0.0.1:1", "')


def refuse_key(bench):
    bench.auth("abc:def")
    server.status = {"/": 401, "_has_privileges": 401}


fault("server_unreachable", nobody_there)
fault("server_unreachable", black_hole)
fault("server_unreachable", another_host, verdict="warn")
fault("server_tls", unknown_authority)
def plain_for_tls(bench):
    close = unknown_authority(bench)
    bench.edit("https://", "http://")
    return close


fault("server_not_http", lambda b: b.edit("http://", "https://"), says="write http://")
fault("server_not_http", plain_for_tls, says="write https://")
fault("server_foreign", set_server(html=True))
fault("server_unavailable", set_server(status={"/": 503}))
fault("server_too_old", set_server(version="7.17.9"))
fault("server_old", set_server(version="8.10.1"), verdict="warn")
fault("credentials_missing", set_server(status={"/": 401, "_has_privileges": 401}))
fault("credentials_refused", refuse_key)
fault("privileges_missing", set_server(privileges={"create_doc": True, "auto_configure": False}))
fault("template_missing", set_server(has_template=False))
fault("template_missing", set_server(has_template=False, has_index=True))
fault("template_outdated", set_server(mapping_version=0))
fault("template_foreign", set_server(managed_by="somebody"))
fault("documents_none", set_server(newest={"ats1": time.time()}), verdict="warn")
fault("documents_old", set_server(newest={"pdu1": time.time() - 7200, "ats1": time.time()}), verdict="warn")


# Root may use anybody's key; the doctor judges by the daemon's user all the same, who may use its own and root's only.
if os.geteuid() == 0:
    bench, user, nobody = Bench(), pwd.getpwnam("daemon"), pwd.getpwnam("nobody")
    bench.auth("abc:def", 0o640)
    bench.config.chmod(0o644)
    os.chown(bench.path / "spool", user.pw_uid, user.pw_gid)
    for owner, is_wrong in ((nobody, True), (user, False)):
        os.chown(bench.path / "key", owner.pw_uid, user.pw_gid)
        report = bench.examine()
        check("user_is_logger" in names(report, "pass"), "whose rights: %s" % names(report, "pass", "warn"))
        check(("secret_wrong_owner" in names(report, "fail")) == is_wrong, "%s's key: %s" % (owner.pw_name, names(report, "fail")))
    bench.remove()

# A secret that only the service can read is no fault, and what hangs on it is left open.
bench = Bench()
bench.edit("[elasticsearch]\n", '[elasticsearch]\napi_key_file = "api_key"\n')
server.status = {"/": 401, "_has_privileges": 401}
report = bench.examine()
check(not names(report, "fail") and report["exit_status"] == 0, "with a credential: %s" % names(report, "fail"))
check({"secret_is_credential", "credentials_unread"} <= names(report, "skip"), names(report, "skip"))
bench.remove()


# With a daemon: it holds the ports, and its word is taken.
def daemon(bench, more=lambda: None):
    process = Daemon(bench)
    wait_until(lambda: pwlog("status", "--config", bench.config).stdout.count("last_sample") == 2, 30, "both samples")
    more()
    return process.stop


def unplugged(bench):
    link = str(bench.path / "own")
    own = Pdu(link, paced=False)
    bench.edit(pdu.link, link)
    stop = daemon(bench)
    own.stop()
    os.close(own.master)
    os.unlink(link)
    wait_until(lambda: '"reachable":false' in pwlog("status", "--config", bench.config).stdout, 30, "it to be missed")
    return stop


def old_configuration(bench):
    stop = daemon(bench)
    bench.edit('id = "ats1"', 'id = "ats2"')
    server.newest["ats2"] = time.time()
    return stop


def opened_meanwhile(bench):
    return daemon(bench, lambda: os.chmod(bench.path / "spool", 0o755))


fault("spool_denied", opened_meanwhile, also=("shipping_fails",))
fault("port_missing", unplugged, also=("shipping_fails", "device_unreachable"))
fault("daemon_old_configuration", old_configuration, verdict="warn", also=("shipping_fails",))

# All dead at once is still bounded.
bench = Bench()
silent = Silent(bench.path / "silent")
bench.edit(pdu.link, silent.link)
bench.edit(ats.link, str(bench.path / "nothing"))
close_hole, close_daemon = black_hole(bench), mute_daemon(bench)
report = bench.examine(40)
check({"daemon_silent", "device_silent", "port_missing", "server_unreachable"} <= names(report, "fail"), report)
for finding in report["findings"]:
    if finding["step"] in ("authorisation", "templates", "documents"):
        check(finding["verdict"] == "skip" and "Elasticsearch" in finding["message"], finding)
silent.stop()
close_hole(), close_daemon()
bench.remove()

for device in (pdu, ats):
    asked = {request for _, request, _, _ in device.said}
    check(all(request.startswith(("Q", "GM")) for request in asked), "asked of a device: %s" % asked)
for method, path in server.requests:
    check(path == "/_bulk" or any(method == m and (path == p or (p != "/" and p in path)) for m, p in READ_ONLY),
          "sent to Elasticsearch: %s %s" % (method, path))
known = (SOURCE / "docs/doctor.md").read_text()
check(all("| `%s`" % name in known for name in seen), "not in docs/doctor.md: %s" % [
    name for name in seen if "| `%s`" % name not in known])
print("%d faults" % tried)
pdu.stop()
ats.stop()
server.stop()
shutil.rmtree(devices)
