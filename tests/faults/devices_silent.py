# SPDX-License-Identifier: MIT
"""devices say nothing any more, and then they do again"""
ROWS = "33"
SECONDS = 150


def run(trial):
    trial.timeout = "600ms"
    trial.begin()
    trial.damage(1, ("drop",))
    before = trial.log_lines()
    trial.logged("cannot be reached")
    trial.wait_for(lambda: not any(device["reachable"] for device in trial.status()["devices"]), 60, "both devices told as unreachable")
    asked = len(trial.ats.said)
    trial.wait_for(lambda: len(trial.ats.said) > asked + 2, 90, "it to ask again and again")
    trial.must(trial.log_lines() - before <= 12, "it is told again and again")
    trial.damage(0, ())
    trial.healed()
