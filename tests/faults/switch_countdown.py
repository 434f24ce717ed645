# SPDX-License-Identifier: MIT
"""an outlet counts down and is called off, on a line with damage, by a daemon that may be killed in between"""
ROWS = "38"
SECONDS = 150
QUICK = True


def run(trial):
    trial.begin(pdu="switchable = [3, 8]")
    outlet = trial.chance.choice(("3", "8"))
    started = trial.order("off", outlet, "--delay", "5min", "--no-wait", sent=("S,%s05" % outlet,))
    trial.must(started.returncode == 0, "no countdown: %s" % started)
    if trial.chance.random() < 0.5:
        trial.kill()
        trial.start()
        trial.sampled(1)
    trial.damage(0.1, ("drop", "truncate", "garble", "noise", "double"))
    called_off = trial.order("cancel", outlet, sent=("CS," + outlet,))
    trial.damage(0, ())
    trial.healed()
    if called_off.returncode:  # as damage may do; on a line that is well it has to work
        trial.notes.append(called_off.stderr)
        called_off = trial.order("cancel", outlet, sent=("CS," + outlet,))
    trial.must(called_off.returncode == 0, "it cannot be called off: %s" % called_off)
    trial.must(trial.pdu.states[int(outlet) - 1] == "1", "said to be called off, and counts down: %s" % called_off)
    trial.sampled(2)
