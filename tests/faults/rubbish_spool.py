# SPDX-License-Identifier: MIT
"""where the spool's file should be there is something else: rubbish, nothing, a folder, a link, a pipe, a newer format"""
ROWS = "29"
SECONDS = 120


def run(trial):
    import os
    import sqlite3
    trial.add_devices()
    trial.spool.mkdir(mode=0o700)
    file, target = trial.spool / "spool.db", trial.scratch.path / "precious"
    target.write_bytes(b"somebody's own" * 1000)
    kind = trial.chance.choice(("rubbish", "empty", "nul", "folder", "link", "hard link", "pipe", "newer"))
    trial.notes.append(kind)
    if kind == "rubbish":
        file.write_bytes(trial.chance.randbytes(50_000))
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "nul":
        file.write_bytes(b"\0" * 8192)
    elif kind == "folder":
        file.mkdir()
    elif kind == "link":
        file.symlink_to(target)
    elif kind == "hard link":
        os.link(target, file)
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        with sqlite3.connect(file) as newer:
            newer.execute("create table t (x)")
            newer.execute("pragma user_version = 1000000")
    before = os.lstat(file)
    trial.configure()
    trial.start()
    if kind in ("rubbish", "empty", "nul"):
        trial.evidence.books_exact = False
        trial.evidence.state_is_kept = False
        trial.sampled(2)
    else:
        trial.wait_for(lambda: not trial.program.alive(), 30, "an end with a reason")
        trial.must(trial.program.process.returncode == 4 and str(file) in trial.log(),
                   "%s: status %s: %s" % (kind, trial.program.process.returncode, trial.log()))
        after = os.lstat(file)
        trial.must((before.st_ino, before.st_size, before.st_mode) == (after.st_ino, after.st_size, after.st_mode), "it was changed")
        trial.remove(file)
        trial.start()
        trial.sampled(2)
    trial.must(target.read_bytes() == b"somebody's own" * 1000, "another one's file was changed")
