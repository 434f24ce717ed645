# SPDX-License-Identifier: MIT
"""SIGTERM at any moment: starting, reading, sending, waiting for a server; once or twice"""
ROWS = "39"
SECONDS = 150


def run(trial):
    import signal
    trial.begin()
    for _ in range(5):
        if trial.chance.random() < 0.3:
            trial.proxy.down()
        trial.pause(trial.chance.uniform(0, 0.8))  # the moment is the fault
        if trial.chance.random() < 0.3:
            trial.program.process.send_signal(signal.SIGTERM)
        trial.stop(within=5)
        trial.proxy.be_well()
        trial.start()
        trial.sampled(1)
