# SPDX-License-Identifier: MIT
"""the spool's file system gives up and is read-only, as a worn card; mounted again at the next start"""
ROWS = "24"
SECONDS = 150


def run(trial):
    disk = trial.loop_disk(16)
    trial.begin()
    trial.command("mount", "-o", "remount,abort", disk)
    began = trial.now()
    trial.sampled(6)
    trial.must(trial.status()["spool"]["unwritten"] or trial.status()["spool"]["pending"] <= 10, "it stopped to ship")
    trial.wait_empty()
    trial.stop(statuses=(0, 4))
    trial.command("umount", disk)
    trial.command("e2fsck", "-fy", trial.image, status=(0, 1))
    trial.command("mount", "-o", "loop", trial.image, disk)
    trial.evidence.books_exact = False  # nothing could be booked
    trial.evidence.state_is_kept = False
    trial.evidence.unsure.append((began - 1.0, trial.now()))  # a journal that was cut off gives nothing back
    trial.start()
