# SPDX-License-Identifier: MIT
"""writing or flushing fails for a while: EIO or ENOSPC of pwrite64, fdatasync, ftruncate"""
ROWS = "25"
SECONDS = 150


def run(trial):
    call, error = trial.chance.choice((("pwrite64", "EIO"), ("pwrite64", "ENOSPC"), ("fdatasync", "EIO"), ("pwrite64,fdatasync", "EIO")))
    first = trial.chance.randrange(1, 60)
    trial.notes.append("%s %s from %d" % (call, error, first))
    trial.traced("inject=%s:error=%s:when=%d..%d" % (call, error, first, first + trial.chance.randrange(1, 12)),
                 spool='flush_interval = "1s"')
    trial.sampled(10)
    trial.untraced()
    trial.healed()
    trial.wait_for(lambda: not (trial.status() or {"spool": {"unwritten": 1}})["spool"]["unwritten"], 60,
                   "what waited in memory to be on disk")
