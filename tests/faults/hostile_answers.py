# SPDX-License-Identifier: MIT
"""answers made to hurt: brackets without end, a gzip bomb, a body without end, control characters"""
ROWS = "22"
SECONDS = 150


def hostile(trial, exchange):
    import gzip
    kind = trial.chance.choice(("deep", "bomb", "endless", "text", "odd items", "bad utf-8"))
    trial.notes.append(kind)
    if kind == "deep":
        exchange.give(trial.made_answer(200, b"[" * 1_000_000))
    elif kind == "bomb":
        exchange.give(trial.made_answer(200, gzip.compress(b"0" * 200_000_000, 9), ("Content-Encoding", "gzip")))
    elif kind == "endless":
        exchange.send(trial.made_answer(200, b"").raw(length=False))
        for _ in range(2_000):  # 128 MiB, if it reads on
            exchange.send(b" " * 65536)
        exchange.end()
        return False
    elif kind == "text":
        exchange.give(trial.made_answer(400, {"error": {"type": "\x1b[31m\r\n2026 forged line", "reason": "%n%s\x00\u202e" * 100}}))
    elif kind == "odd items":
        exchange.give(trial.made_answer(200, b'{"errors":true,"errors":false,"items":[{"create":{"status":1e999}},{"index":null},-0]}'))
    else:
        exchange.give(trial.made_answer(200, b'{"errors":false,"items":[{"create":{"status":201,"x":"\xff\xfe\xed\xa0\x80"}}'))
    return True


def run(trial):
    trial.begin()
    trial.proxy.rule = lambda exchange: hostile(trial, exchange)
    trial.struck(1)
    before = trial.status()["spool"]["stored"]
    trial.struck(4)
    trial.must(trial.status()["spool"]["stored"] == before, "settled by %s" % trial.notes)
    trial.healed()
    trial.must("\x1b" not in trial.log() and "\n2026 forged" not in trial.log(), "a control character reached the log")
