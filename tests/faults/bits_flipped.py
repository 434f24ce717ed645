# SPDX-License-Identifier: MIT
"""bits of the spool's files flip while it is not running"""
ROWS = "28"
SECONDS = 150
QUICK = True


def run(trial):
    trial.begin()
    trial.proxy.down()
    trial.sampled(5)
    if trial.chance.random() < 0.5:
        trial.kill()
    else:
        trial.stop()
    flipped = [file for file in (trial.spool / "spool.db", trial.spool / "spool.db-wal") if file.exists() and file.stat().st_size]
    file = trial.chance.choice(flipped)
    data = bytearray(file.read_bytes())
    for _ in range(trial.chance.choice((1, 1, 5, 200))):
        data[trial.chance.randrange(len(data))] ^= 1 << trial.chance.randrange(8)
    file.write_bytes(data)
    trial.notes.append(file.name)
    if file.name.endswith("-wal"):
        trial.evidence.unsure.append((0, trial.now()))
    trial.evidence.books_exact = False
    trial.evidence.state_is_kept = False
    trial.healed()
    trial.start()
    trial.sampled(2)
    trial.wait_empty()
    if "can be read by SQLite" in trial.log():  # the first page: nothing can be copied, nor counted; told in the log
        trial.evidence.unsure.append((0, trial.healed_at))
