# SPDX-License-Identifier: MIT
"""The program's main job, with the real program: simulated devices, read once, to a server on loopback.
Usage: main_job.py [EMULATOR] PWLOG"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "program"))
sys.dont_write_bytecode = True

from keeping_server import KeepingServer  # noqa: E402

PATIENCE = 120  # seconds; an emulator on a busy machine needs some


def run(command, *arguments):
    return subprocess.run([*command, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE)


def configuration(folder, url):
    path = f"{folder}/pwlog.toml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""
interval = "10s"
timeout = "5s"
clock_wait = "0s"
[elasticsearch]
hosts = ["{url}"]
[spool]
path = "{folder}/spool"
[[pdu]]
id = "rack1-pdu"
port = "{folder}/pdu"
[[ats]]
id = "rack1-ats"
port = "{folder}/ats"
""")
    os.chmod(path, 0o600)
    os.mkdir(f"{folder}/spool", 0o700)
    return path


def main(command):
    print(run(command, "--version").stdout, end="")
    with tempfile.TemporaryDirectory() as folder:
        server = KeepingServer(0, f"{folder}/received.ndjson")
        config = configuration(folder, server.url)
        simulator = subprocess.Popen([*command, "simulate", "--unpaced", "--pdu", f"{folder}/pdu", "--ats",
                                      f"{folder}/ats"], stdout=subprocess.PIPE, text=True)
        try:
            if "ready\n" not in simulator.stdout:  # reads until it is there, or the end
                sys.exit("the simulator did not get ready")
            once = run(command, "once", "--config", config)
        finally:
            simulator.terminate()
            simulator.wait(PATIENCE)
            server.stop()
        with open(f"{folder}/received.ndjson", encoding="utf-8") as lines:
            received = [line for line in lines if '"powerwalker.' in line]
    kinds = [kind for kind in ("powerwalker.pdu", "powerwalker.outlet", "powerwalker.ats")
             if any(f'"{kind}"' in line for line in received)]
    print(f"once: status {once.returncode}, {len(received)} documents: {', '.join(kinds)}")
    if once.returncode != 0 or len(kinds) != 3 or len(received) < 10:
        sys.exit(once.stderr or "documents are missing")


if __name__ == "__main__":
    main(sys.argv[1:])
