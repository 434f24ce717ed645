# SPDX-License-Identifier: MIT
"""the server's disk is above its flood stage: all indices are read-only, by the server itself"""
ROWS = "14"
SECONDS = 240
ALONE = True
ENABLED = "cluster.routing.allocation.disk.threshold_enabled"
WATERMARK = "cluster.routing.allocation.disk.watermark."


def run(trial):
    trial.fresh_server()
    trial.begin()
    usual = {WATERMARK + name: None for name in ("low", "high", "flood_stage")}
    full = {WATERMARK + name: "90000gb" for name in ("low", "high", "flood_stage")}
    # scripts/es-node leaves the watch over the disk out.
    trial.cluster({**full, "cluster.info.update.interval": "10s", ENABLED: True})
    try:
        trial.logged("accepts no documents", within=90)
        trial.sampled(3)
    finally:
        trial.cluster(usual)
    index = trial.index_of("metrics")
    block = "index.blocks.read_only_allow_delete"
    trial.wait_for(lambda: block not in str(trial.elastic.call("GET", "/%s/_settings?flat_settings=true" % index)), 60,
                   "the server to lift its block")
    trial.cluster({"cluster.info.update.interval": None, ENABLED: None})
    trial.hangup()
    trial.healed()
    trial.wait_empty()
    trial.must(trial.status()["spool"]["rejected"] == 0, "a full server was taken for the documents' own fault")
