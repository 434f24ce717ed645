# SPDX-License-Identifier: MIT
"""the server answers 429, 502, 503 or 504, with and without a Retry-After that makes sense"""
ROWS = "12"
SECONDS = 120
QUICK = True
WAITS = (None, "0", "1", "-7", "soon", "Wed, 21 Oct 2015 07:28:00 GMT")


def run(trial):
    trial.begin()

    def busy(exchange):
        wait = trial.chance.choice(WAITS)
        exchange.give(trial.made_answer(trial.chance.choice((429, 502, 503, 504)), {"error": {"type": "busy", "reason": "busy"}},
                                        *([("Retry-After", wait)] if wait else [])))

    trial.proxy.rule = busy
    trial.struck(1)
    before = trial.status()["spool"]
    trial.struck(3)
    now = trial.status()["spool"]
    trial.must(now["stored"] == before["stored"] and now["rejected"] == 0, "a busy server's answer settled something: %s" % now)
