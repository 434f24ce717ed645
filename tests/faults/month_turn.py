# SPDX-License-Identifier: MIT
"""a month ends while the server is away, on a machine whose local date is another one"""
import datetime

ROWS = "31"
SECONDS = 120


def run(trial):
    now = datetime.datetime.now(datetime.timezone.utc)
    turn = datetime.datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=datetime.timezone.utc)
    zone = trial.chance.choice(("Pacific/Kiritimati", "America/Los_Angeles", "UTC"))
    trial.notes.append(zone)
    trial.environment["TZ"] = zone
    trial.evidence_of_clock((turn - now).total_seconds() - 8)
    if trial.chance.random() < 0.7:
        trial.proxy.down()
    trial.wait_for(lambda: trial.seconds_after(turn) > 0, 60, "the month's end")
    trial.sampled(3)
    trial.proxy.be_well()
    trial.sampled(2)

    def both_months():
        months = {document["@timestamp"][:7] for document in trial.evidence.metrics}
        trial.must(len(months) == 2, "documents of %s" % sorted(months))
    trial.finish_later(both_months)
