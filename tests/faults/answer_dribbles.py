# SPDX-License-Identifier: MIT
"""an answer comes byte by byte, slower than the timeout allows"""
ROWS = "8"
SECONDS = 120


def run(trial):
    trial.begin(elasticsearch='timeout = "4s"')

    def dribble(exchange):
        for byte in exchange.ask().raw():
            exchange.send(bytes([byte]))
            trial.pause(0.2)

    trial.proxy.rule = dribble
    trial.struck(2)
    trial.sampled(3)
