# SPDX-License-Identifier: MIT
"""the spool's write-ahead log ends anywhere, or is followed by rubbish"""
ROWS = "27"
SECONDS = 120


def run(trial):
    trial.begin()
    trial.proxy.down()
    trial.sampled(4)
    trial.kill()
    log = trial.spool / "spool.db-wal"
    trial.must(log.exists() and log.stat().st_size > 0, "there is no log to tear")
    size = log.stat().st_size
    with open(log, "r+b") as stream:
        if trial.chance.random() < 0.5:
            stream.truncate(trial.chance.randrange(0, size))
        else:
            stream.seek(trial.chance.randrange(0, size))
            stream.write(trial.chance.randbytes(2048))
    trial.evidence.unsure.append((0, trial.now()))  # what stood behind the tear is gone, as after a power cut
    trial.evidence.books_exact = False
    trial.evidence.state_is_kept = False
    trial.healed()
    trial.start()
    trial.sampled(2)
