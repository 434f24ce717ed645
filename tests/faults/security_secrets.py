# SPDX-License-Identifier: MIT
"""secrets are in no output, log, file, command line or environment, at level debug, whatever goes wrong"""
ROWS = "5.1"
SECONDS = 150
CANARIES = {"api_key": "canary-id-7431:canary-secret-9057", "mqtt": "canary-mqtt-2266"}


def run(trial):
    trial.chance.random()
    key, word = trial.secret_file("key", CANARIES["api_key"]), trial.secret_file("password", CANARIES["mqtt"])
    broker = trial.broker()
    refuse = trial.made_answer(401, {"error": {"type": "security_exception", "reason": "unable to authenticate"}, "status": 401})
    trial.most_log_lines = 5_000
    trial.begin(top='log_level = "debug"', elasticsearch='api_key_file = "%s"' % key,
                more=trial.mqtt(broker) + 'username = "pwlog"\npassword_file = "%s"\n' % word)
    seen = []
    # A server that shows what it was sent, a redirect, a cut, a refusal.
    for rule in (lambda e: e.give(trial.made_answer(400, {"error": {"type": "x", "reason": e.header("Authorization")}})),
                 lambda e: e.give(trial.made_answer(307, b"", ("Location", "http://127.0.0.1:9/"))),
                 lambda e: e.reset(), lambda e: e.give(refuse)):
        trial.proxy.struck = 0
        trial.proxy.rule_for_all = rule
        trial.hangup()
        trial.struck(1)
        for words in (("status", "--json"), ("doctor",), ("doctor", "--json"), ("spool", "info"), ("setup",), ("once",),
                      ("backfill", "--from", "spool", "--dry-run")):
            done = trial.run(*words)
            seen.append((" ".join(words), done.stdout + done.stderr))
    broker.kill()
    trial.sampled(1)
    broker.start()
    trial.healed()
    trial.hangup()
    process = "/proc/%d/" % trial.program.pid
    seen += [(process + name, trial.bytes_of(process + name)) for name in ("cmdline", "environ")]
    seen.append(("the log", trial.log()))
    seen += [(str(file), trial.bytes_of(file)) for file in trial.files() if file not in (key, word) and "broker" not in str(file)]
    for secret in CANARIES.values():
        for form in (secret, trial.encoded(secret), secret.split(":")[-1]):
            for where, text in seen:
                trial.must(form not in text, "%s has the secret" % where)
    trial.must(len(seen) > 30, "only %d places" % len(seen))
    modes = {str(file): file.stat().st_mode & 0o777 for file in trial.spool.rglob("*")}
    trial.must(modes and all(mode & 0o077 == 0 for mode in modes.values()), "others may read the spool: %s" % modes)
    trial.must(trial.spool.stat().st_mode & 0o777 == 0o700, "the spool's folder is open")
    trial.must((trial.scratch.path / "s").stat().st_mode & 0o777 == 0o660, "the control socket is open")
