# SPDX-License-Identifier: MIT
"""an index takes most documents, and refuses some for a value"""
ROWS = "17"
SECONDS = 180
ALONE = True


def run(trial):
    trial.fresh_server()
    # A whole number where degrees have a fraction: nine of ten of the ATS's documents are refused, and no other.
    whole = {"type": "short", "coerce": False}
    trial.make_index("metrics", {"powerwalker": {"properties": {"ats": {"properties": {"temperature_c": whole}}}}})
    trial.begin()
    trial.sampled(6)
    trial.wait_for(lambda: trial.status()["spool"]["rejected"] > 2, 30, "refused documents")
    trial.finish_later(lambda: check(trial))


def check(trial):
    rejects = trial.evidence.rejects
    trial.must(rejects and all(reject["status"] == 400 and reject["reason"] for reject in rejects), "rejects: %s" % rejects[:2])
    trial.must(all(document["powerwalker"]["ats"]["temperature_c"] % 1 == 0 for document in trial.evidence.metrics
                   if "ats" in document["powerwalker"]), "the server took what it refuses")
