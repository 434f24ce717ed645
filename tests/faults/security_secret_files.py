# SPDX-License-Identifier: MIT
"""a secret's file that others can read or write, is somebody else's, a folder, a pipe, empty, or none at all, is refused"""
ROWS = "5.1"
SECONDS = 60


def run(trial):
    import os
    trial.add_devices()
    key = trial.secret_file("key", "a:b")
    trial.configure(elasticsearch='api_key_file = "%s"' % key)
    modes = (0o604, 0o602, 0o660, 0o666, 0o777, 0o620)
    for mode in modes:
        key.chmod(mode)
        refuse(trial, key, oct(mode))
    key.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(key, 12345, 12345)
        refuse(trial, key, "of another user")
        os.chown(key, 0, 0)
    key.write_text("")
    refuse(trial, key, "empty")
    key.unlink()
    refuse(trial, key, "absent")
    key.mkdir(mode=0o700)
    refuse(trial, key, "a folder")
    key.rmdir()
    os.mkfifo(key, 0o600)
    refuse(trial, key, "a pipe")
    key.unlink()
    trial.secret_file("key", "a:b")
    trial.start()
    trial.sampled(2)


def refuse(trial, key, how):
    refused = trial.run("run", "--as-root", timeout=20)
    trial.must(refused.returncode == 2 and str(key) in refused.stderr, "%s: %d %s" % (how, refused.returncode, refused.stderr))
