# SPDX-License-Identifier: MIT
"""the broker dies, hangs, comes back: no sample knows of it"""
ROWS = "40"
SECONDS = 120


def run(trial):
    import signal
    broker = trial.broker()
    trial.begin(more=trial.mqtt(broker))
    trial.wait_for(lambda: trial.status()["mqtt"].get("connected"), 30, "the broker")
    for _ in range(2):
        if trial.chance.random() < 0.5:
            broker.kill()
            trial.sampled(4)
            broker.start()
        else:
            broker.process.send_signal(signal.SIGSTOP)
            trial.sampled(4)
            broker.process.send_signal(signal.SIGCONT)
    trial.healed()
    trial.wait_for(lambda: trial.status()["mqtt"].get("connected"), 60, "the broker again")
