# SPDX-License-Identifier: MIT
"""the spool's disk is full, while the server is there or away; then there is room again"""
ROWS = "23"
SECONDS = 150
QUICK = True


def run(trial):
    disk = trial.small_disk("3m")
    trial.begin()
    away = trial.chance.random() < 0.5
    if away:
        trial.proxy.down()
        trial.sampled(2)
    trial.fill(disk)
    trial.sampled(6)
    trial.must(trial.status()["spool"]["disk_full"], "status does not know of the full disk")
    trial.logged("disk")
    (disk / "filler").unlink()
    trial.healed()
    trial.wait_for(lambda: not trial.status()["spool"]["disk_full"] and not trial.status()["spool"]["unwritten"], 90,
                   "what waited in memory to be on disk")
