# SPDX-License-Identifier: MIT
"""The package's life on a real system: installed, configured, upgraded with a full spool, rebooted, downgraded,
removed, purged. Runs as root inside the tree that scripts/test-package boots, once for each boot.
Usage: life_test.py PART FOLDER; FOLDER holds old.deb and new.deb"""
import glob
import json
import os
import pwd
import re
import sqlite3
import stat
import subprocess
import sys
import time

CONFIGURATION = "/etc/pwlog/pwlog.toml"
SPOOL = "/var/lib/pwlog/spool.db"
RECEIVED = "/var/lib/received.ndjson"
PATIENCE = 90  # seconds; an idle machine needs a few

PDU_AND_ATS = """
[[pdu]]
id = "rack1-pdu"
port = "/run/sim/pdu"
[[ats]]
id = "rack1-ats"
port = "/run/sim/ats"
"""
SIMULATOR = """
[Service]
User=pwlog
RuntimeDirectory=sim
ExecStart=/var/lib/simulator simulate --pdu /run/sim/pdu --ats /run/sim/ats
[Install]
WantedBy=multi-user.target
"""
SERVER = """
[Service]
ExecStart=/usr/bin/python3 %s/keeping_server.py 9200 %s
"""


def run(*command, expect=0):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if expect is not None and done.returncode != expect:
        sys.exit(f"{' '.join(command)}: status {done.returncode}, expected {expect}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def as_user(*command):
    return run("runuser", "-u", "pwlog", "--", *command)


def check(what, holds, seen=""):
    print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
    if not holds:
        print(seen, run("journalctl", "-u", "pwlog", "-n", "30", "--no-pager", expect=None), sep="\n", flush=True)
        sys.exit(1)


def eventually(what, condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            check(what, False, run("pwlog", "status", expect=None))
        time.sleep(0.2)
    check(what, True)


def spool():
    """Counts of the running daemon; None before it answers."""
    done = subprocess.run(("pwlog", "status", "--json"), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return json.loads(done.stdout).get("spool") if done.returncode == 0 else None


def pending():
    counts = spool()
    return -1 if counts is None else counts["pending"]


def received():
    if not os.path.exists(RECEIVED):
        return []
    with open(RECEIVED, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def property_of(unit, name):
    return run("systemctl", "show", "-P", name, unit).strip()


def apt(*arguments):
    return run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", *arguments)


def mode_and_owner(path):
    status = os.stat(path)
    return stat.S_IMODE(status.st_mode), pwd.getpwuid(status.st_uid).pw_name


def journal_of(unit):
    return run("journalctl", "-u", unit, "--no-pager", "-o", "cat")


def installed_and_configured(folder):
    apt("install", "--no-install-recommends", f"{folder}/old.deb")
    check("the user pwlog is there, in dialout", "dialout" in run("id", "-nG", "pwlog"))
    check("the spool's folder is the user's alone", mode_and_owner("/var/lib/pwlog") == (0o700, "pwlog"))
    check("nothing runs, nothing is enabled",
          property_of("pwlog", "ActiveState") == "inactive" and property_of("pwlog", "UnitFileState") == "disabled"
          and property_of("pwlog-once.timer", "UnitFileState") == "disabled")
    check("the manual and the completion are there",
          os.path.exists("/usr/share/man/man1/pwlog.1.gz")
          and os.path.exists("/usr/share/bash-completion/completions/pwlog"))
    run("systemctl", "start", "pwlog", expect=1)
    check("the example configuration starts nothing, and the journal says what to do",
          "has no device" in journal_of("pwlog") and property_of("pwlog", "NRestarts") == "0")

    with open(CONFIGURATION, encoding="utf-8") as file:
        text = file.read()
    # What a person changes: the interval for the test's sake, the server, no key, and the devices.
    text = text.replace('"10s"', '"2s"').replace("https://localhost", "http://localhost")
    text = re.sub("(?m)^api_key_file", "# api_key_file", text)
    with open(CONFIGURATION, "w", encoding="utf-8") as file:
        file.write(text + PDU_AND_ATS)
    run("cp", "/usr/bin/pwlog", "/var/lib/simulator")  # the other end of the wire outlives the package
    for name, unit in (("simulator", SIMULATOR), ("server", SERVER % (folder, RECEIVED))):
        with open(f"/etc/systemd/system/{name}.service", "w", encoding="utf-8") as file:
            file.write(unit)
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", "--now", "simulator")
    run("systemctl", "start", "server")
    run("systemctl", "reset-failed", "pwlog")
    run("systemctl", "enable", "--now", "pwlog")
    eventually("one file edited, started: documents of both devices flow",
               lambda: {"rack1-pdu", "rack1-ats"} <= {line.get("device", {}).get("id") for line in received()})
    run("systemctl", "reload", "pwlog")
    check("reloaded", property_of("pwlog", "ActiveState") == "active")


def upgraded(folder):
    run("systemctl", "stop", "server")
    eventually("the server is gone: documents wait", lambda: pending() >= 20)
    before, process = pending(), property_of("pwlog", "MainPID")
    apt("install", f"{folder}/new.deb")
    eventually("the upgrade restarted the daemon", lambda: property_of("pwlog", "MainPID") not in ("0", process)
               and spool() is not None)
    check("the upgrade kept what waits", pending() >= before)
    check("the upgrade kept the edited configuration", "rack1-pdu" in open(CONFIGURATION, encoding="utf-8").read())
    check("the new version runs", "+next" in run("dpkg-query", "-W", "pwlog"))


def rebooted(folder):
    eventually("after a reboot the daemon is back by itself, with what waited", lambda: pending() >= 20)
    run("systemctl", "start", "server")
    eventually("the server is back: nothing waits any more", lambda: pending() == 0)
    run("systemctl", "stop", "pwlog")
    waits = json.loads(as_user("pwlog", "spool", "info", "--json"))["pending"]
    exported = [json.loads(line) for line in as_user("pwlog", "spool", "export").splitlines()]
    at_server = {json.dumps(line, sort_keys=True) for line in received()}
    lost = [line for line in exported if json.dumps(line, sort_keys=True) not in at_server]
    check("what was sampled before, through upgrade and reboot, is at the server or waits",
          len(exported) > 40 and len(lost) == waits, (waits, lost))


def downgraded(folder):
    with sqlite3.connect(SPOOL) as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute("PRAGMA user_version = 6")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    run("chown", "-R", "pwlog:pwlog", "/var/lib/pwlog")
    apt("install", "--allow-downgrades", f"{folder}/old.deb")
    run("systemctl", "start", "pwlog", expect=1)
    check("the spool of a newer version is refused in words", "was made by a newer pwlog" in journal_of("pwlog"))
    run("systemctl", "stop", "pwlog")
    with sqlite3.connect(SPOOL) as database:
        check("and left as it was", database.execute("PRAGMA user_version").fetchone()[0] == 6)
        database.execute(f"PRAGMA user_version = {version}")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    run("chown", "-R", "pwlog:pwlog", "/var/lib/pwlog")
    run("systemctl", "reset-failed", "pwlog")
    run("systemctl", "start", "pwlog")
    eventually("its own spool is taken", lambda: pending() >= 0)


def spools_of_releases_taken(folder):
    """As if this version were installed over each release that had a spool format of its own."""
    for path in sorted(glob.glob(f"{folder}/format-*.db")):
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
            waits = sum(bin(mask).count("1") for mask, in database.execute("SELECT mask FROM pending"))
        run("systemctl", "stop", "pwlog", "server")
        for file in glob.glob("/var/lib/pwlog/*"):
            os.unlink(file)
        run("install", "-o", "pwlog", "-g", "pwlog", "-m", "600", path, SPOOL)
        run("systemctl", "start", "pwlog")
        name = os.path.basename(path)
        eventually(f"{name} of a release is taken, with its {waits} documents and its reject",
                   lambda: pending() >= waits > 0 and spool()["rejected"] == 1)
        before = len(received())
        run("systemctl", "start", "server")
        eventually(f"{name}: what waited in it is delivered", lambda: pending() == 0)
        old = [line for line in received()[before:] if line["@timestamp"].startswith("2026-11-28T01:33:0")]
        check(f"{name}: each of them once", len(old) == len({json.dumps(line) for line in old}) == waits, old)


def removed_and_purged(folder):
    apt("remove", "pwlog")
    check("removed: stopped, the program gone, configuration and spool kept",
          property_of("pwlog", "ActiveState") in ("inactive", "failed") and not os.path.exists("/usr/bin/pwlog")
          and os.path.exists(CONFIGURATION) and os.listdir("/var/lib/pwlog") != [])
    apt("install", f"{folder}/new.deb")
    run("systemctl", "start", "pwlog")
    eventually("installed again: it goes on with configuration and spool", lambda: pending() >= 0)
    with open("/etc/pwlog/api_key", "w", encoding="utf-8") as file:
        file.write("secret")
    apt("purge", "pwlog")
    check("purged: configuration, keys and spool are gone, the user stays",
          not os.path.exists("/etc/pwlog") and not os.path.exists("/var/lib/pwlog") and pwd.getpwnam("pwlog"))
    left = [path for path in run("find", "/etc", "/usr", "/var", "-xdev", "-iname", "*pwlog*").splitlines()
            if not path.startswith(("/var/cache/", "/var/log/"))]
    check("and nothing is left behind", left == [], left)


PARTS = {"first": (installed_and_configured, upgraded), "second": (rebooted, downgraded, spools_of_releases_taken, removed_and_purged)}

if __name__ == "__main__":
    for part in PARTS[sys.argv[1]]:
        part(sys.argv[2])
