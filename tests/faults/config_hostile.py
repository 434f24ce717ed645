# SPDX-License-Identifier: MIT
"""configurations that are wrong, huge, deep, not text, or not ours: refused with the place, never half taken"""
ROWS = "41"
SECONDS = 120
QUICK = True


def run(trial):
    trial.add_devices()
    trial.configure()
    good = trial.scratch.config.read_bytes()
    secret = trial.scratch.path / "key"
    secret.write_text("a:b")
    secret.chmod(0o644)
    cases = {
        "unknown key": good.replace(b"[spool]", b"[spool]\nkeeep = '1d'"),
        "negative interval": good.replace(b'interval = "400ms"', b'interval = "-400ms"'),
        "key twice": good.replace(b"[spool]", b'[spool]\npath = "/x"'),
        "id twice": good + b'[[ats]]\nid = "same"\nport = "/dev/null"\n' * 2,
        "deep": good + b"x = " + b"[" * 100_000,
        "NUL": good.replace(b"[spool]", b"[spool]\0"),
        "not text": good + trial.chance.randbytes(5000),
        "cut": good[:trial.chance.randrange(200, len(good) - 60)] + b"\n= ",
        "a secret for all": good.replace(b"[spool]", b'api_key_file = "%s"\n[spool]' % str(secret).encode()),
        "a password in the URL": good.replace(b"http://", b"http://user:canary@"),
        "plain http to another machine": good.replace(b"127.0.0.1", b"192.0.2.1"),
    }
    for name, text in cases.items():
        trial.scratch.config.write_bytes(text)
        refused = trial.run("run", "--as-root", timeout=30)
        trial.must(refused.returncode == 2 and 0 < len(refused.stderr) < 2000, "%s: %d: %s" % (
            name, refused.returncode, refused.stderr[:300]))
        trial.must("canary" not in refused.stderr, "%s: it repeats the password" % name)
    with open(trial.scratch.config, "wb") as stream:
        stream.write(good)
        stream.truncate(1 << 30)  # a gibibyte of NULs
    refused = trial.run("run", "--as-root", timeout=60)
    trial.must(refused.returncode == 2, "a gibibyte: %d: %s" % (refused.returncode, refused.stderr[:300]))
    trial.must(not trial.asked_anything(), "a device was asked under a configuration that is none")
    trial.configure()
    trial.start()
    trial.sampled(2)
