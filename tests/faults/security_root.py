# SPDX-License-Identifier: MIT
"""the daemon is started as root, who did not ask for that"""
ROWS = "5.1"
SECONDS = 60


def run(trial):
    import os
    if os.geteuid() != 0:
        raise trial.Skipped("only root can be refused for being root")
    trial.add_devices()
    trial.configure()
    refused = trial.run("run", timeout=20)
    trial.must(refused.returncode == 2 and "--as-root" in refused.stderr, "%d %s" % (refused.returncode, refused.stderr))
    trial.must(not trial.spool.exists(), "it made a spool before it refused")
    trial.start()
    trial.sampled(2)
