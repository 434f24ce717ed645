# SPDX-License-Identifier: MIT
"""another local user asks at the control socket, whatever its mode; and rubbish from one who may"""
ROWS = "5.1"
SECONDS = 90


def run(trial):
    import os
    import socket
    if os.geteuid() != 0:
        raise trial.Skipped("becoming another user needs root")
    trial.begin(pdu="switchable = [1, 2, 3, 4, 5, 6, 7, 8]")
    path = trial.scratch.path / "s"
    trial.scratch.path.chmod(0o755)
    ask = ("import socket,sys; s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1]);"
           "s.sendall(b'{\"do\":\"status\"}\\n'); print(s.recv(100000))")
    for mode in (0o660, 0o666, 0o777):
        path.chmod(mode)
        said = trial.as_nobody(ask, path)
        refused = "Permission denied" in said.stderr if mode == 0o660 else any(
            word in said.stdout + said.stderr for word in ("may ask", "BrokenPipe", "ConnectionReset"))
        trial.must(refused and trial.pdu_name not in said.stdout, "mode %o: %s" % (mode, said))
    path.chmod(0o660)
    for data in (trial.chance.randbytes(2000), b"[" * 500_000 + b"\n", b"{}\n", b"null\n", b"\0\n", b'{"do":"\xff"}\n', b"x" * 3_000_000, b""):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(str(path))
            try:
                client.sendall(data)
                client.recv(1000)
            except OSError:
                pass
    many = [socket.socket(socket.AF_UNIX) for _ in range(100)]
    for client in many:
        client.setblocking(False)
        try:
            client.connect(str(path))
        except OSError:
            pass
    trial.sampled(2)
    for client in many:
        client.close()
    trial.must(trial.pdu.set_commands == [], "on the wire: %s" % trial.pdu.set_commands)
    trial.wait_for(trial.status, 30, "an answer to one who may ask")
