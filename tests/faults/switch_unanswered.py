# SPDX-License-Identifier: MIT
"""a switch command is answered by NAK, or not at all; each goes over the wire once"""
ROWS = "38"
SECONDS = 180


def run(trial):
    trial.timeout = "600ms"
    trial.begin(pdu="switchable = [8]")
    pdu = trial.pdu
    heard = pdu.reply

    def reply(master, request):
        """Carried out, or not; and no ACK in any case."""
        if request[:1] not in "SC":
            return heard(master, request)
        pdu.set_commands.append(request)
        if done:
            pdu.carry_out(request)
        if answer:
            pdu.send(master, answer)

    done, answer = trial.chance.random() < 0.5, trial.chance.choice((b"", b"(NAK\r"))
    trial.notes.append("%s, %s" % ("carried out" if done else "not carried out", answer))
    pdu.reply = reply
    result = trial.order("off", "8", sent=("S,800",))
    trial.must(len(pdu.set_commands) == 1, "on the wire: %s" % pdu.set_commands)
    trial.must((result.returncode == 0) <= done, "taken for done: %s" % result.stdout)
    trial.must(result.returncode == 0 or result.stderr, "nothing is said of it")
    pdu.reply = heard
    trial.healed()
    trial.sampled(2)
