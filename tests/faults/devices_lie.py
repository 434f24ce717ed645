# SPDX-License-Identifier: MIT
"""answers of the right form with numbers that cannot be, too few of them, letters, control characters, no end"""
ROWS = "35"
SECONDS = 180
KINDS = ("range", "few words", "letters", "negative", "babble", "escapes")


def run(trial):
    trial.timeout, trial.most_log_lines = "600ms", 400
    trial.begin()
    trial.damage(0.3, KINDS)
    trial.sampled(12, within=90)
    trial.damage(0, ())
    trial.healed()
    trial.sampled(2)
    trial.must("\x1b" not in trial.log(), "a control character reached the log")
