# SPDX-License-Identifier: MIT
"""a request gets another one's answer"""
ROWS = "6 21"
SECONDS = 120


def run(trial):
    trial.begin()
    root = trial.elastic.call("GET", "/")
    search = trial.elastic.call("POST", "/powerwalker-metrics-*/_search", {"size": 1})
    one = {"errors": False, "items": [{"create": {"status": 201}}]}
    others = [root, search, {}, [], {"errors": False}, {"errors": False, "items": []}, {"took": 1, "errors": False, "items": "201"},
              {"errors": False, "items": one["items"] * 999}, {"errors": False, "items": [{"create": {}}] * 11},
              {"errors": False, "items": [{"create": {"status": "201"}}] * 11}]
    trial.chance.shuffle(others)
    trial.proxy.rule = lambda exchange: exchange.give(trial.made_answer(200, others[trial.proxy.struck % len(others)]))
    trial.struck(1)
    before = trial.status()["spool"]["stored"]
    trial.struck(3)
    trial.must(trial.status()["spool"]["stored"] == before, "another answer was taken for proof")
