# SPDX-License-Identifier: MIT
"""at the start the spool's folder cannot be made or written: a full disk, a file in its place, no right"""
ROWS = "24"
SECONDS = 60


def run(trial):
    trial.add_devices()
    place = trial.chance.choice(("file", "proc", "read-only"))
    if place == "file":
        (trial.scratch.path / "file").write_text("x")
        trial.spool = trial.scratch.path / "file" / "spool"
    elif place == "proc":
        trial.spool = "/proc/pwlog-spool"
    else:
        disk = trial.loop_disk(8)
        trial.command("mount", "-o", "remount,ro", disk)
    trial.configure()
    trial.start()
    status = trial.wait_for(lambda: not trial.program.alive() and trial.program.process.returncode, 30, "its end")
    trial.must(status == 4 and str(trial.spool) in trial.log(), "%s: status %s: %s" % (place, status, trial.log()))
    if place == "read-only":
        trial.command("mount", "-o", "remount,rw", disk)
    else:
        trial.spool = trial.scratch.path / "spool"
    trial.configure()
    trial.start()
    trial.sampled(2)
