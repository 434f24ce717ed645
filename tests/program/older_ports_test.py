# SPDX-License-Identifier: MIT
"""While the daemon has a device at another port than the configuration says by now, nobody asks or switches it by its name:
it would be the other rack."""
from captured_device import CapturedPdu
from harness import Daemon, Scratch, check, pwlog, wait_until


def configure(one, two):
    text = ('interval = "2s"\ncontrol_socket = "%s"\n[elasticsearch]\nhosts = ["http://127.0.0.1:9"]\n[spool]\npath = "%s"\n'
            % (scratch.path / "pwlog.sock", scratch.path / "spool"))
    for name, pdu in (("one", one), ("two", two)):
        text += '[[pdu]]\nid = "%s"\nport = "%s"\nswitchable = [3]\n' % (name, pdu.link)
    scratch.config.write_text(text)
    scratch.config.chmod(0o600)


def ask(*words):
    return pwlog(*words, "--device", "one", "--config", scratch.config)


scratch = Scratch()
first, second = (CapturedPdu(scratch.path / name, paced=False) for name in ("first", "second"))
configure(first, second)
daemon = Daemon(scratch)
wait_until(lambda: daemon.log().count("is open and read") == 2, 20, "both are read")
check(ask("outlet", "off", "3", "--yes").returncode == 0, "switched as configured")
check((first.set_commands, second.set_commands) == (["S,300"], []), "sent as configured")
configure(second, first)
for words in (["outlet", "on", "3", "--yes"], ["outlet", "on", "3", "--dry-run"], ["pdu", "shutdown", "3", "0", "--yes"],
              ["pdu", "send", "S,300", "--yes"], ["outlet", "list"], ["pdu", "power_w"]):
    done = ask(*words)
    told = done.stdout + done.stderr
    check(done.returncode != 0 and "older configuration" in told and "systemctl reload pwlog" in told,
          "%s: %d %s" % (words, done.returncode, told))
check((first.set_commands, second.set_commands) == (["S,300"], []), "nothing was sent: %s %s"
      % (first.set_commands, second.set_commands))
check(pwlog("reload", "--config", scratch.config).returncode == 0, "the reload")
check(ask("outlet", "off", "3", "--yes").returncode == 0, "switched as configured by now")
check((first.set_commands, second.set_commands) == (["S,300"], ["S,300"]), "sent as configured by now")
took, ended = daemon.stop()
check(ended == 0, "run ended with %s" % ended)
first.stop()
second.stop()
scratch.remove()
