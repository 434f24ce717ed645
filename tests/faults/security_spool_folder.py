# SPDX-License-Identifier: MIT
"""the spool's folder is a link, somebody else's, open to all, or has links and pipes in it"""
ROWS = "5.1 29"
SECONDS = 120


def run(trial):
    import os
    trial.add_devices()
    precious = trial.scratch.path / "precious"
    precious.write_bytes(b"somebody's own" * 1000)
    kind = trial.chance.choice(("link", "open", "other", "wal link", "wal pipe", "lock link", "ballast link"))
    trial.notes.append(kind)
    refused = kind in ("link", "other")
    if kind == "link":
        (trial.scratch.path / "elsewhere").mkdir(mode=0o700)
        trial.spool.symlink_to(trial.scratch.path / "elsewhere")
    else:
        trial.spool.mkdir(mode=0o777 if kind == "open" else 0o700)
        trial.spool.chmod(0o777 if kind == "open" else 0o700)
    if kind == "other":
        if os.geteuid() != 0:
            raise trial.Skipped("a folder of another user needs root")
        os.chown(trial.spool, 12345, 12345)
    if kind.endswith(("link", "pipe")) and kind != "link":
        name = {"wal": "spool.db-wal", "lock": "spool.lock", "ballast": "spool.ballast"}[kind.split()[0]]
        if kind.endswith("pipe"):
            os.mkfifo(trial.spool / name)
        else:
            (trial.spool / name).symlink_to(precious)
    trial.configure()
    trial.start()
    trial.wait_for(lambda: not trial.program.alive() or trial.asked()[0] > 2, 30, "a refusal, or a reading")
    if not trial.program.alive():
        trial.must(trial.program.process.returncode == 4 and str(trial.spool) in trial.log(), "%s: %s" % (kind, trial.log()))
        trial.spool = trial.scratch.path / "another"
        trial.configure()
        trial.start()
    else:
        trial.must(not refused, "%s: it runs with it" % kind)
        trial.must(trial.spool.stat().st_mode & 0o077 == 0 or kind == "open" and "0777" in trial.log(), "%s: the folder stays open" % kind)
    trial.sampled(2)
    trial.must(precious.read_bytes() == b"somebody's own" * 1000, "another one's file was changed")
