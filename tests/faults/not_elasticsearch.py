# SPDX-License-Identifier: MIT
"""something else answers at the server's address: a router's page, a login, another product"""
ROWS = "21"
SECONDS = 120


def run(trial):
    trial.begin()
    page = b"<html><body>Please log in</body></html>"
    answers = [trial.made_answer(200, page, product=False), trial.made_answer(200, {}, product=False),
               trial.made_answer(302, b"", ("Location", "http://127.0.0.1:9/login"), product=False),
               trial.made_answer(200, {"errors": False, "items": []}, product=False),
               trial.made_answer(200, {"version": {"number": "8.19.0"}}, product=False)]
    answer = trial.chance.choice(answers)
    trial.proxy.rule_for_all = lambda exchange: exchange.give(answer)
    trial.struck(1)
    before = trial.status()["spool"]["stored"]
    trial.sampled(3)
    status = trial.status()
    trial.must(status["spool"]["stored"] == before, "what is no Elasticsearch has settled something")
    trial.must(status["shipping"]["last_error"], "nothing is said of it in status")
    trial.healed()
    trial.hangup()  # without it, within a minute
