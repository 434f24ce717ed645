# SPDX-License-Identifier: MIT
"""each flush of the card takes two seconds"""
ROWS = "43"
SECONDS = 150


def run(trial):
    trial.traced("inject=fdatasync:delay_exit=2000000", spool='flush_interval = "1s"')
    began = trial.now()
    trial.sampled(10)
    asked = [answer[0] for answer in trial.ats.said if answer[1] == "QATS" and answer[0] >= began]
    waits = [later - earlier for earlier, later in zip(asked, asked[1:])]
    trial.untraced()
    # One such wait may be a busy machine's.
    trial.must(sum(wait > 1.9 for wait in waits) <= 1, "readings waited for the card: %s" % waits)
