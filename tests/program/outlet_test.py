# SPDX-License-Identifier: MIT
"""Outlets are switched with their countdowns, seen through to the end, directly and through a daemon; what is not
permitted never reaches the wire; every request is an event."""
import json
import subprocess

from captured_device import CapturedPdu
from harness import BINARY, Daemon, Scratch, check, pwlog, wait_until


def outlet(*arguments, status=0):
    result = pwlog("outlet", *arguments, "--config", scratch.config)
    check(result.returncode == status, "outlet %s: exit status %d, %s" % (arguments, result.returncode, result.stderr))
    return json.loads(result.stdout) if result.stdout else {}


def sent_by(action):
    """What reaches the device while `action` runs."""
    before = len(pdu.set_commands)
    report = action()
    return report, pdu.set_commands[before:]


def events():
    lines = pwlog("spool", "export", "--config", scratch.config).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    return [one for one in found if one["event"].get("action") == "switch_request"]


def switch_through(how):
    """The same from everywhere; `how`: who has the port, for messages."""
    report, sent = sent_by(lambda: outlet("off", "printer", "--yes"))
    check(sent == ["S,800"] and report["outcome"] == "done" and report["digits_after"] == "11111110", how)
    report, sent = sent_by(lambda: outlet("off", "8", "--yes"))
    check(sent == [] and report["outcome"] == "done", "%s: off sends nothing for what is off" % how)
    report, sent = sent_by(lambda: outlet("on", "8", "--yes"))
    check(sent == ["S,8.1R0000"] and report["digits_before"][7] == "0" and report["digits_after"][7] == "1", how)
    report, sent = sent_by(lambda: outlet("on", "8", "--yes"))
    check(sent == [], "%s: on sends nothing for what is on" % how)
    report, sent = sent_by(lambda: outlet("cycle", "8", "--delay", "6s", "--restore-after", "1min", "--yes"))
    check(sent == ["S,8.1R0001"] and report["outcome"] == "done", how)
    report, sent = sent_by(lambda: outlet("off", "8", "--delay", "99min", "--no-wait", "--yes"))
    check(sent == ["S,899"] and report["digits_after"][7] == "3", how)
    report, sent = sent_by(lambda: outlet("cancel", "8", "--yes"))
    check(sent == ["CS,8"] and report["digits_after"] == "11111111", how)
    report, sent = sent_by(lambda: outlet("off", "8", "--dry-run"))
    check(sent == [] and report["sent"] == ["S,800"], "%s: a rehearsal sends nothing" % how)


def refused_everywhere(how):
    for arguments in (["off", "1"], ["on", "nas"], ["cycle", "7"], ["cancel", "2"], ["off", "all"], ["on", "all"]):
        report, sent = sent_by(lambda: outlet(*arguments, "--yes", status=2))
        check(sent == [] and report["outcome"] == "refused", "%s: %s" % (how, arguments))
    for arguments in (["off", "8"], ["off", "9", "-y"], ["off", "nobody", "-y"], ["off", "8", "--delay", "7s", "-y"]):
        _, sent = sent_by(lambda: outlet(*arguments, status=2))
        check(sent == [], "%s: %s" % (how, arguments))
    configured = ("--config", scratch.config, "--yes")
    for arguments in (["shutdown", "1", "0"], ["shutdown_cancel", "A"], ["send", "S,A00"], ["send", "CS,1"]):
        before = len(pdu.set_commands)
        check(pwlog("pdu", *arguments, *configured).returncode == 2, "%s: %s" % (how, arguments))
        check(len(pdu.set_commands) == before, "%s: %s reached the device" % (how, arguments))


def library_methods(how):
    configured = ("--config", scratch.config, "--yes")
    for arguments, wire in ((["shutdown", "8", "0.5"], "S,8.5"), (["shutdown", "8", ".5"], "S,8.5"),
                            (["shutdown", "8", "02"], "S,802"), (["shutdown_restore", "8", "99", "0"], "S,899R0000"),
                            (["shutdown_restore", "8", "2", "9999"], "S,802R9999"), (["shutdown_cancel", "8"], "CS,8"),
                            (["send", "S,8.9R0001"], "S,8.9R0001"), (["send", "CS,8"], "CS,8")):
        before = len(pdu.set_commands)
        answer = pwlog("pdu", *arguments, *configured)
        check(answer.returncode == 0 and json.loads(answer.stdout)["response"] == "ACK", "%s: %s" % (how, answer.stderr))
        check(pdu.set_commands[before:] == [wire], "%s: %s sent %s" % (how, arguments, pdu.set_commands[before:]))


scratch = Scratch()
pdu = CapturedPdu(scratch.path / "pdu", paced=False, minute=3.0)
scratch.write_config("http://127.0.0.1:9", pdu.link, interval="10s")
text = scratch.config.read_text().replace('id = "pdu1"', 'id = "pdu1"\nswitchable = [8]\nswitch_limit = 100')
scratch.config.write_text(text)
listed = outlet("list")["outlets"]
check([one["switchable"] for one in listed] == [False] * 7 + [True] and listed[7]["name"] == "printer", str(listed))

for how in ("directly", "through the daemon"):
    daemon = Daemon(scratch) if how != "directly" else None
    if daemon:
        wait_until(lambda: pwlog("status", "--config", scratch.config).returncode == 0, 20, "the daemon")
    before = len(events())
    switch_through(how)
    refused_everywhere(how)
    library_methods(how)
    told = events()[before:]
    check(len(told) == 7 + 7 + 4 + 8, "%s: %d events" % (how, len(told)))
    check(sum(one["event"]["outcome"] == "success" for one in told) >= 7, how)
    refusals = [one for one in told if "refused" in one["message"]]
    check(len(refusals) == 11, "%s: %d refusals" % (how, len(refusals)))
    off = next(one for one in told if one["powerwalker"]["event"]["command"] == "off")
    check(off["powerwalker"]["event"]["digits_before"] == "11111111", str(off))
    check(off["powerwalker"]["event"]["digits_after"] == "11111110", str(off))
    check(off["powerwalker"]["event"]["method"] == "cli" and off["powerwalker"]["outlet"]["name"] == "printer", str(off))

# A daemon that dies amid an order.
before = len(pdu.set_commands)
command = subprocess.Popen([BINARY, "outlet", "off", "8", "--delay", "2min", "--yes", "--config", str(scratch.config)],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
wait_until(lambda: len(pdu.set_commands) > before, 20, "the command")
daemon.kill()
said = command.communicate(timeout=20)[1]
check(command.returncode == 3 and "not known" in said and "outlet list" in said, "a daemon that dies: %s" % said)
check(pdu.set_commands[before:] == ["S,802"], "a daemon that dies: %s" % pdu.set_commands[before:])
daemon = Daemon(scratch)
wait_until(lambda: pwlog("status", "--config", scratch.config).returncode == 0, 20, "the daemon")

# The limit, over the end of a process too.
scratch.config.write_text(scratch.config.read_text().replace("switch_limit = 100", "switch_limit = 1"))
daemon.stop()
_, sent = sent_by(lambda: outlet("off", "8", "--yes", status=1))
check(sent == [], "the limit holds for the next process")
pdu.stop()
scratch.remove()
