# SPDX-License-Identifier: MIT
"""the server has stored a request, and its answer ends early: with a length, in chunks, and without either"""
import json
import zlib

ROWS = "7"
SECONDS = 120
QUICK = True


def is_whole(answer, keep):
    """Whether the text ends within these bytes all the same: gzip has a trailer."""
    text = answer.body[:keep]
    if ("content-encoding", "gzip") in [(key.lower(), value) for key, value in answer.headers]:
        text = zlib.decompressobj(31).decompress(text)
    try:
        return bool(json.loads(text))
    except ValueError:
        return False


def cut(trial, exchange):
    answer = exchange.ask()
    keep = trial.chance.randrange(0, len(answer.body))
    while is_whole(answer, keep):
        keep -= 1
    way = trial.chance.choice(("length", "chunks", "neither", "headers"))
    trial.notes.append("%s %d of %d" % (way, keep, len(answer.body)))
    if way == "length":
        raw = answer.raw()
        exchange.send(raw[:len(raw) - len(answer.body) + keep])
    elif way == "headers":
        raw = answer.raw()
        exchange.send(raw[:trial.chance.randrange(1, len(raw) - len(answer.body))])
    elif way == "chunks":
        answer.headers.append(("Transfer-Encoding", "chunked"))
        head = answer.raw(length=False)
        exchange.send(head[:len(head) - len(answer.body)] + b"%x\r\n" % len(answer.body) + answer.body[:keep])
    else:
        answer.headers.append(("Connection", "close"))
        raw = answer.raw(length=False)
        exchange.send(raw[:len(raw) - len(answer.body) + keep])
    exchange.end()
    return False


def run(trial):
    trial.begin()
    trial.proxy.rule = lambda exchange: cut(trial, exchange)
    trial.struck(1)
    before = trial.status()["spool"]["stored"]
    trial.struck(4)
    trial.must(trial.status()["spool"]["stored"] == before, "a cut answer was taken for proof: %s" % trial.notes)
    trial.healed()
    trial.sampled(1)
    trial.wait_empty()
    trial.must(trial.status()["spool"]["duplicates"] > 0, "the case was not met: nothing came twice")
