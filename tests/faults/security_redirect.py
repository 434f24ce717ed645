# SPDX-License-Identifier: MIT
"""a server that sends elsewhere: nobody is asked there, with or without credentials"""
ROWS = "5.1"
SECONDS = 90


def run(trial):
    key = trial.secret_file("key", "canary:canary")
    trial.begin(elasticsearch='api_key_file = "%s"' % key)
    elsewhere = trial.second_proxy()
    status = trial.chance.choice((301, 302, 303, 307, 308))
    trial.proxy.rule_for_all = lambda exchange: exchange.give(
        trial.made_answer(status, b"", ("Location", elsewhere.url + exchange.path)))
    trial.struck(1)
    for words in (("doctor",), ("setup",), ("once",)):
        trial.run(*words)
    trial.sampled(2)
    trial.must(elsewhere.connections == 0, "%d connections elsewhere" % elsewhere.connections)
    trial.healed()
    trial.hangup()
