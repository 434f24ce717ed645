# SPDX-License-Identifier: MIT
"""the server's port is closed, then open again"""
ROWS = "9"
SECONDS = 90


def run(trial):
    trial.begin()
    trial.proxy.down()
    trial.sampled(4)
    lines = trial.log_lines()
    trial.sampled(4)
    trial.must(trial.log_lines() - lines <= 2, "it goes on about it in the log")
