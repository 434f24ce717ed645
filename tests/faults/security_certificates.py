# SPDX-License-Identifier: MIT
"""a server with a wrong, expired, self-signed or foreign certificate, or with an old TLS, gets nothing"""
ROWS = "5.1"
SECONDS = 120
QUICK = True


def run(trial):
    trial.make_certificates()
    key = trial.secret_file("key", "canary:canary")
    trial.add_devices()
    trial.use_tls("server")
    trial.configure(elasticsearch='ca_file = "%s"\napi_key_file = "%s"' % (trial.authority, key))
    for kind in sorted(set(trial.certificates) - {"server"}):
        trial.use_tls(kind)
        answered = []
        trial.proxy.rule_for_all = lambda exchange: answered.append(exchange) or exchange.reset()
        trial.configure()
        before = trial.proxy.connections
        trial.start()
        trial.wait_for(lambda: trial.proxy.connections > before, 20, "a connection")
        trial.logged("shipping")
        trial.must(not answered, "%s: %d requests" % (kind, len(answered)))
        trial.stop()
        trial.log_file.unlink()
    trial.use_tls("server")
    trial.configure()
    trial.start()
    trial.healed()
    trial.sampled(2)
