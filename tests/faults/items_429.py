# SPDX-License-Identifier: MIT
"""of a request some documents are taken, and others answered 429"""
ROWS = "13"
SECONDS = 120
QUICK = True


def run(trial):
    trial.begin()

    def some(exchange):
        lines = exchange.plain_body().split(b"\n")
        pairs = [lines[at:at + 2] for at in range(0, len(lines) - 1, 2)]
        taken = [trial.chance.random() < 0.5 for _ in pairs]
        passed = b"".join(line + b"\n" for pair, take in zip(pairs, taken) if take for line in pair)
        items = iter(())
        if passed:
            plain = [(k, v) for k, v in exchange.headers if k.lower() not in ("content-encoding", "accept-encoding")]
            items = iter(trial.parsed(exchange.ask(passed, plain).body)["items"])
        refused = {"create": {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "full"}}}
        exchange.give(trial.made_answer(200, {"errors": True, "items": [next(items) if take else refused for take in taken]}))

    trial.proxy.rule = some
    trial.struck(3)
    trial.must(trial.status()["spool"]["rejected"] == 0, "documents were given up")
