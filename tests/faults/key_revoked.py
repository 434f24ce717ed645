# SPDX-License-Identifier: MIT
"""the key is refused (401, 403) until a new one is in its file"""
ROWS = "16"
SECONDS = 120


def run(trial):
    secret = trial.scratch.path / "key"
    good = "first:one"
    secret.write_text(good + "\n")
    secret.chmod(0o600)
    trial.good = good
    status = trial.chance.choice((401, 403))

    def guard(exchange):
        if trial.good in exchange.key():
            exchange.pass_on()
        else:
            exchange.give(trial.made_answer(status, {"error": {"type": "security_exception", "reason": "no"}, "status": status}))

    trial.proxy.rule_for_all = guard
    trial.begin(elasticsearch='api_key_file = "%s"' % secret)
    trial.good = "second:two"
    lines = trial.log_lines()
    trial.wait_for(lambda: trial.status()["spool"]["pending"] > 10, 40, "documents that wait")
    trial.sampled(3)
    trial.must(trial.log_lines() - lines <= 2, "it is told again and again")
    secret.write_text(trial.good + "\n")
    trial.hangup()
    trial.healed(keep_proxy=True)
    trial.must("first:one" not in trial.log() and trial.encoded("first:one") not in trial.log(), "the key is in the log")
