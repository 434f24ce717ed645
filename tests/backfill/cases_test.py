#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Small inputs that people have, one folder each in tests/data/backfill/cases: what comes out of them, and what is
refused. `case.json`: the arguments behind `backfill --dry-run --print` (files by their names in the folder), the exit
status, the documents as [time, outlet or "pdu" or "ats", {field: value}], and words of what is told."""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "program"))
from harness import SOURCE, Scratch, pwlog  # noqa: E402


def document(text):
    """One that was printed, in the short form of a case."""
    whole = json.loads(text)
    (kind, values), = whole["powerwalker"].items()
    values.pop("name", None)
    return [whole["@timestamp"], values.pop("number", kind), values]


def holds(found, wanted):
    """Whether it has the values that are wanted; what is derived may stand beside them."""
    return (found[:2] == wanted[:2] and
            all(key in found[2] and found[2][key] == value for key, value in wanted[2].items()))


def problems_of(folder, config):
    case = json.loads((folder / "case.json").read_text())
    result = pwlog("backfill", "--config", config, "--dry-run", "--print", *case["arguments"], cwd=folder)
    rows = [(row, json.loads(row)["event"]) for row in result.stdout.splitlines()]
    found = [document(row) for row, event in rows if event["dataset"] != "powerwalker.event"]
    happened = [event["action"] for _, event in rows if event["dataset"] == "powerwalker.event"]
    wanted = case.get("documents", [])
    if result.returncode != case.get("exit", 0):
        yield "exit status %d, not %d: %s" % (result.returncode, case.get("exit", 0), result.stderr)
    if len(found) != len(wanted) or not all(map(holds, found, wanted)):
        yield "documents are\n    %s\n  and not\n    %s" % ("\n    ".join(map(str, found)), "\n    ".join(map(str, wanted)))
    if happened != case.get("events", []):
        yield "events are %s" % happened
    for word in case.get("says", []):
        if word not in result.stderr:
            yield "'%s' is not said" % word
    for word in case.get("says_not", []):
        if word in result.stderr:
            yield "'%s' is said" % word


def main():
    scratch = Scratch()
    scratch.write_config("http://127.0.0.1:1", pdu="/dev/null")
    cases = sorted((SOURCE / "tests/data/backfill/cases").iterdir())
    wrong = 0
    for folder in cases:
        if len(sys.argv) > 1 and folder.name not in sys.argv[1:]:
            continue
        for problem in problems_of(folder, scratch.config):
            wrong += 1
            print("%s: %s" % (folder.name, problem), file=sys.stderr)
    print("%d cases, %d problems" % (len(cases), wrong))
    sys.exit(1 if wrong or not cases else 0)


if __name__ == "__main__":
    main()
