# SPDX-License-Identifier: MIT
"""The doctor before and after setup, and with a daemon at work, at a real Elasticsearch."""
import json

from harness import Daemon, Scratch, check, pwlog, shared_node, wait_until
from line_device import Ats, Pdu

elastic = shared_node()
elastic.clear()
elastic.remove_templates()
scratch = Scratch()
pdu = Pdu(scratch.path / "pdu", paced=False)
ats = Ats(scratch.path / "ats", paced=False)
scratch.write_config(elastic.url, pdu.link, ats.link)


def examine():
    done = pwlog("doctor", "--json", "--config", scratch.config)
    report = json.loads(done.stdout)
    for finding in report["findings"]:
        print(finding["verdict"], finding["step"], finding["name"], finding["message"])
    print()
    return done.returncode, {finding["name"]: finding for finding in report["findings"]}


def indices():
    return elastic.call("GET", "/_cat/indices/powerwalker-*?format=json&h=index&s=index")


status, found = examine()
check(status == 7 and found["template_missing"]["verdict"] == "fail", "without templates: %d" % status)
check("template_current" not in found and found["documents_none"]["verdict"] == "warn", found)
check(not indices(), "the doctor made an index")

check(pwlog("setup", "--config", scratch.config).returncode == 0, "setup failed")
made = indices()
status, found = examine()
check(status == 0 and "template_current" in found and "template_missing" not in found, "after setup: %d" % status)
check(indices() == made, "the doctor made or removed an index")

daemon = Daemon(scratch)
wait_until(lambda: elastic.count("powerwalker.ats") > 0 and elastic.count("powerwalker.pdu") > 0, 60, "documents")
status, found = examine()
check(status == 0, "with a daemon: %d" % status)
for name in ("daemon_runs", "port_held_by_daemon", "device_answers", "spool_fine", "server_answers", "authorised",
             "template_current", "documents_fresh"):
    check(found[name]["verdict"] == "pass", name)
check("Elasticsearch" in found["server_answers"]["message"], found["server_answers"])
daemon.stop()
pdu.stop()
ats.stop()
scratch.remove()
