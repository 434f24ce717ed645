# SPDX-License-Identifier: MIT
"""the server is stopped amid its work (SIGSTOP), and goes on later"""
ROWS = "4"
SECONDS = 300
ALONE = True


def run(trial):
    import os
    import signal
    node = trial.own_node()
    trial.begin(elasticsearch='timeout = "5s"')
    os.kill(node.pid, signal.SIGSTOP)
    try:
        trial.sampled(25, within=60)
        status = trial.status()
        trial.must(trial.open_connections() <= 2, "%d connections at once" % trial.open_connections())
        trial.must(status["spool"]["pending"] > 10, "nothing waits: %s" % status["spool"])
    finally:
        os.kill(node.pid, signal.SIGCONT)
    trial.healed()
    trial.sampled(2)
