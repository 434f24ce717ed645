# SPDX-License-Identifier: MIT
"""the power goes: what was not flushed to the device is gone (a copy of the device under a file system in use)"""
ROWS = "26"
SECONDS = 150
FLUSH = 2.0


def run(trial):
    disk = trial.loop_disk(16)
    each = trial.chance.random() < 0.5
    trial.begin(spool='sync = "sample"' if each else 'flush_interval = "%ds"' % FLUSH)
    if trial.chance.random() < 0.5:
        trial.proxy.down()
    trial.sampled(8)
    trial.cut_power(disk)
    if not each:
        cut = trial.evidence.kills[-1]
        trial.evidence.unsure.append((cut - FLUSH - 1.5, cut))
        trial.evidence.books_exact = False  # the books go back with the rest, and count again what is sent again
        trial.evidence.state_is_kept = False
    trial.healed()
    trial.start()
    trial.sampled(2)
