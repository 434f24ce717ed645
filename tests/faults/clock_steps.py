# SPDX-License-Identifier: MIT
"""the clock is set: an hour on, an hour back, to 1970, ten years on, a second back"""
ROWS = "31"
SECONDS = 150
QUICK = True
STEPS = (3600, -3600, -1_700_000_000, 315_000_000, -1, 1)


def run(trial):
    trial.evidence_of_clock()
    trial.sampled(2)
    for step in trial.chance.sample(STEPS, 2):
        trial.notes.append(step)
        trial.set_clock(step)
        began = trial.now()
        trial.sampled(5)
        asked = [answer[0] for answer in trial.ats.said if answer[1] == "QATS" and answer[0] >= began]
        longest = max(later - earlier for earlier, later in zip(asked, asked[1:]))
        trial.must(longest < 5.0, "no reading for %.1f s after a step of %d s" % (longest, step))
    for again in range(1, 11):  # the same two seconds again and again, until readings have met in one millisecond
        trial.set_clock(-2 * again)
        trial.sampled(1)
        if trial.clashes() > 2:
            break
    trial.notes.append("%d met" % trial.clashes())
    trial.set_clock(0)
    trial.sampled(2)
