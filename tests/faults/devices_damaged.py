# SPDX-License-Identifier: MIT
"""answers are lost, late, cut, garbled, doubled, another query's, among noise"""
ROWS = "33 34"
SECONDS = 180
QUICK = True
KINDS = ("drop", "late", "truncate", "garble", "noise", "nul", "nak", "wrong", "double")


def run(trial):
    trial.timeout, trial.most_log_lines = "600ms", 400
    trial.begin()
    trial.damage(0.15, KINDS)
    trial.sampled(12, within=90)
    trial.damage(0, ())
    trial.healed()
    trial.sampled(2)
