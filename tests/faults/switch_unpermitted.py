# SPDX-License-Identifier: MIT
"""orders that the configuration does not permit, from everywhere; one that it permits, beside them"""
ROWS = "38"
SECONDS = 120
QUICK = True


def run(trial):
    trial.begin(pdu="switchable = [8]")
    for _ in range(4):
        outlet = trial.chance.choice(("1", "7", "all"))
        refused = trial.order(trial.chance.choice(("off", "on", "cycle", "cancel")), outlet)
        trial.must(refused.returncode == 2, "outlet %s: %s" % (outlet, refused))
    for words in (("send", "S,100"), ("shutdown", "2", "0"), ("send", "CS,A"), ("shutdown_cancel", "1")):
        refused = trial.run("pdu", *words, "--yes")
        trial.must(refused.returncode == 2, "%s: %s" % (words, refused))
    trial.must(trial.order("off", "8", sent=("S,800",)).returncode == 0, "what is permitted is not done")
    trial.must(trial.pdu.set_commands == ["S,800"], "on the wire: %s" % trial.pdu.set_commands)
    # Whoever asks may have a configuration of his own, which still permits it.
    old = trial.scratch.path / "old.toml"
    old.write_text(trial.scratch.config.read_text())
    old.chmod(0o600)
    text = trial.scratch.config.read_text().replace("switchable = [8]", "switchable = []")
    trial.scratch.config.write_text(text)
    trial.hangup()
    trial.logged("may be switched: none")
    trial.must(trial.order("on", "8").returncode == 2, "a permit that was withdrawn still counts")
    refused = trial.pwlog("outlet", "on", "8", "--yes", "--config", old)
    trial.must(refused.returncode == 2, "a permit that was withdrawn still counts in the daemon: %s" % refused)
