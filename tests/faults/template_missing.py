# SPDX-License-Identifier: MIT
"""the server was made anew: no index, no template; nothing is written there until `pwlog setup`"""
ROWS = "18"
SECONDS = 180
ALONE = True


def run(trial):
    trial.fresh_server()
    trial.begin()
    trial.proxy.down()
    trial.evidence.unsure.append((0, trial.now()))  # what was on the old server is not this program's to bring back
    trial.evidence.books_exact = False
    trial.evidence.state_is_kept = False  # what it follows from went with the old one: an alarm's begin, the reading before
    trial.elastic.clear()
    trial.elastic.remove_templates()
    trial.proxy.up()
    trial.logged("template", within=60)
    trial.sampled(3)
    status = trial.status()
    trial.must(status["spool"]["rejected"] == 0, "rejected: %s" % status["spool"])
    trial.must(trial.count("metrics") == 0, "documents without a template")
    done = trial.run("setup")
    trial.must(done.returncode == 0, done.stderr)
    trial.hangup()
    trial.healed()
    trial.wait_empty()
