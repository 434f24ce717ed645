# SPDX-License-Identifier: MIT
"""a port goes, amid an answer or between, and comes back under its name as another terminal"""
ROWS = "36"
SECONDS = 150
QUICK = True


def run(trial):
    trial.most_log_lines = 150
    trial.begin()
    for _ in range(3):
        for device in trial.chance.sample(trial.all_devices(), trial.chance.choice((1, 2))):
            trial.unplug(device, trial.chance.uniform(0, 1.5))
        trial.sampled(2)
    trial.healed()
