# SPDX-License-Identifier: MIT
"""a gateway takes no request above some size"""
ROWS = "20"
SECONDS = 120


def run(trial):
    trial.begin()
    trial.proxy.down()
    trial.sampled(8)
    limit = trial.chance.randrange(3_000, 9_000)

    def bounded(exchange):
        if len(exchange.plain_body()) > limit:
            exchange.give(trial.made_answer(413, b"", product=False))
        else:
            exchange.pass_on()

    trial.proxy.up()
    trial.proxy.rule = bounded
    trial.wait_empty()
    trial.must(trial.status()["spool"]["rejected"] == 0, "what was sent in too large a request was given up")
    trial.must(trial.proxy.bulks < 150, "%d requests" % trial.proxy.bulks)
    trial.healed()
