# SPDX-License-Identifier: MIT
"""the connection is reset after some bytes of a request"""
ROWS = "6"
SECONDS = 120


def run(trial):
    trial.begin()
    for number in range(3):
        trial.proxy.cut_request_after = trial.chance.choice((0, 1, trial.chance.randrange(2, 400)))
        trial.struck(number + 1)
