# SPDX-License-Identifier: MIT
"""kill -9 of the server amid requests, and its return with its data"""
ROWS = "3"
SECONDS = 400
ALONE = True


def run(trial):
    node = trial.own_node()
    trial.begin()
    trial.sampled(3)
    trial.pause(trial.chance.uniform(0, 0.5))  # the moment is the fault
    node.kill()
    trial.sampled(3)
    node.start()
    trial.healed()
    trial.sampled(2)
