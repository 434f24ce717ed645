# SPDX-License-Identifier: MIT
"""the server stores a request and never answers; then kill -9"""
ROWS = "2 4"
SECONDS = 120


def run(trial):
    trial.begin(elasticsearch='timeout = "5s"')

    def store_and_hold(exchange):
        exchange.ask()
        exchange.hold()

    trial.proxy.rule = store_and_hold
    trial.struck(1)
    trial.sampled(4)  # nothing but shipping waits
    if trial.chance.random() < 0.5:
        trial.kill()
        trial.healed()
        trial.start()
    else:
        trial.struck(2)  # it waits no longer than its timeout
        trial.healed()
    trial.sampled(2)
    trial.wait_empty()
    trial.must(trial.books_anyhow()["duplicates"] > 0, "the case was not met: nothing came twice")
