# SPDX-License-Identifier: MIT
"""the server has stored a request, and its answer is lost"""
ROWS = "2 6"
SECONDS = 90


def run(trial):
    trial.begin()

    def lose(exchange):
        exchange.ask()
        exchange.reset()

    trial.proxy.rule = lose
    trial.struck(2)
    trial.healed()
    trial.sampled(2)
    trial.wait_empty()
    trial.must(trial.status()["spool"]["duplicates"] > 0, "the case was not met: nothing came twice")
