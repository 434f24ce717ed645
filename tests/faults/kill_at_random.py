# SPDX-License-Identifier: MIT
"""kill -9 at a random moment, again and again"""
ROWS = "1"
SECONDS = 90
KILLS = 5


def run(trial):
    trial.begin()
    for _ in range(KILLS):
        trial.sampled(1)
        trial.pause(trial.chance.uniform(0, 0.6))  # the moment is the fault
        trial.kill()
        trial.start()
    trial.sampled(2)
