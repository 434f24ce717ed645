# SPDX-License-Identifier: MIT
"""each device hangs on the other one's port: nothing is stored, nothing can be switched"""
ROWS = "36 37"
SECONDS = 150


def run(trial):
    trial.begin(pdu="switchable = [1, 2, 3, 4, 5, 6, 7, 8]")
    pdu, ats = trial.pdu, trial.ats
    for _ in range(2):  # there, and back again
        pdu.link, ats.link = ats.link, pdu.link
        for device in (pdu, ats):
            trial.unplug(device)
        if pdu.link.endswith("ats1"):
            trial.wait_for(lambda: "PI97" in trial.log() and "PI90" in trial.log(), 60, "the other device to be named")
            refused = trial.order("off", "3")
            trial.must(refused.returncode == 3, "switched: %s" % refused.stdout)
    trial.healed()
    trial.sampled(2)
