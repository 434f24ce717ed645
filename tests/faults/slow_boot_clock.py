# SPDX-License-Identifier: MIT
"""the machine starts in 1970, and its clock is set a while later"""
ROWS = "32"
SECONDS = 120


def run(trial):
    trial.evidence_of_clock(-1_795_000_000)
    trial.sampled(4)
    trial.set_clock(0)
    trial.sampled(3)
    trial.finish_later(lambda: [trial.must(document["event"].get("clock") == "unsynchronised", "1970 without a mark: %s" % document)
                                for document in trial.evidence.metrics if document["@timestamp"] < "2026"])
