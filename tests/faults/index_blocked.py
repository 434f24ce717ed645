# SPDX-License-Identifier: MIT
"""one index refuses to be written (403), the other one goes on"""
ROWS = "15"
SECONDS = 180
ALONE = True


def run(trial):
    trial.fresh_server()
    trial.begin()
    family, other = trial.chance.choice((("metrics", "events"), ("events", "metrics")))
    index = trial.index_of(family)
    trial.elastic.call("PUT", "/%s/_settings" % index, {"index.blocks.write": True})
    trial.unplug(trial.ats, 1)  # an event, whichever index it is
    trial.logged(index + " accepts no documents")
    began = trial.count(other)
    trial.sampled(3)
    if other == "metrics":
        trial.wait_for(lambda: trial.count(other) > began, 30, "documents in the other index")
    trial.must([hold["index"] for hold in trial.status()["shipping"]["holds"]] == [index], "status does not name the index")
    trial.elastic.call("PUT", "/%s/_settings" % index, {"index.blocks.write": None})
    trial.hangup()  # without it at growing intervals, five minutes at most
    trial.healed()
    trial.wait_empty()
    trial.must(trial.status()["spool"]["rejected"] == 0, "a block was taken for the documents' own fault")
