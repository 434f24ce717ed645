# SPDX-License-Identifier: MIT
"""a second pwlog wants the same spool, or the same port"""
ROWS = "30"
SECONDS = 90
QUICK = True


def run(trial):
    trial.begin()
    for command in (("run", "--as-root"), ("once",)):
        again = trial.run(*command)
        trial.must(again.returncode == 5 and str(trial.program.pid) in again.stderr,
                   "%s beside the daemon: %d: %s" % (command[0], again.returncode, again.stderr))
    text = trial.scratch.config.read_text().replace(str(trial.spool), str(trial.spool) + "2")
    other = trial.scratch.path / "other.toml"
    text = text.replace('host_name = "', 'host_name = "other-')
    other.write_text(text.replace(str(trial.scratch.path / "s"), str(trial.scratch.path / "s2")))
    other.chmod(0o600)
    again = trial.pwlog("once", "--config", other)
    trial.must(again.returncode == 3 and "busy" in again.stderr or str(trial.program.pid) in again.stderr,
               "once on the same ports: %d: %s" % (again.returncode, again.stderr))
    trial.sampled(2)
