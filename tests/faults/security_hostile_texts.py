# SPDX-License-Identifier: MIT
"""names and texts of device, server and broker that are made to hurt: harmless in log, terminal, documents, topics, file names"""
ROWS = "5.1"
SECONDS = 120
TEXTS = ("../../../etc/passwd", "\x1b[31mred\x1b]0;title\x07", 'a"b\\c{"x":1}', "#/+/$SYS", "$(reboot)`id`", "%s%n%x", "A\r\nB", "\x00\x9b2J",
         "\u202egnp.exe")


def run(trial):
    broker = trial.broker()
    trial.add_devices()
    for device in trial.all_devices():
        lie(trial, device)
    text = trial.chance.choice(TEXTS)
    trial.notes.append(text)
    before = set(trial.files())
    trial.most_log_lines = 300
    trial.begin(top='log_level = "debug"' if trial.chance.random() < 0.5 else "", more=trial.mqtt(broker))
    listener = trial.listener(broker)
    trial.proxy.rule = lambda exchange: exchange.give(trial.made_answer(503, {"error": {"type": text, "reason": text * 200}}))
    trial.struck(1)
    trial.sampled(2)
    trial.healed()
    shown = [trial.run(*words).stdout for words in (("status",), ("doctor",), ("spool", "info"))]
    for output in [trial.log(), *shown]:
        odd = [c for c in output if ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160 or c == "\u202e"]
        trial.must(not odd, "control characters %s in: %s" % (odd, output[-400:]))
    trial.must(all(line[:2] == "20" for line in trial.log().splitlines()), "a line of the log is forged: %s" % trial.log())
    trial.must(all(part not in topic for topic, _ in listener.messages for part in ("..", "+", "\x1b", "passwd")), "a topic holds it")
    trial.must("passwd" not in str(set(trial.files()) - before), "a file holds it")
    trial.sampled(1)


def lie(trial, device):
    """Who it is says something else each time; what it measures stays true."""
    answer = device.answer

    def lying(request):
        if request in ("QMD", "QVFW", "QRI") and trial.chance.random() < 0.7:
            return trial.chance.choice(TEXTS).replace("\r", "").replace("\u202e", "")
        return answer(request)
    device.answer = lying
