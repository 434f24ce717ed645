#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""print_test.py PWLOG: the program and scripts/make-dashboards join the files in the same way."""

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIG = '[elasticsearch]\nhosts = ["http://127.0.0.1:9"]\n[[pdu]]\nid = "one"\nport = "/dev/null"\n'

with tempfile.TemporaryDirectory() as folder:
    config = pathlib.Path(folder) / "pwlog.toml"
    config.write_text(CONFIG)
    printed = pathlib.Path(folder) / "printed"
    subprocess.run([sys.argv[1], "--config", config, "setup", "--print", printed], check=True, timeout=60)
    ours = (printed / "kibana" / "powerwalker.ndjson").read_text()
    theirs = subprocess.run([ROOT / "scripts" / "make-dashboards", "--ndjson"], check=True, timeout=60,
                            capture_output=True, text=True).stdout
    if ours != theirs:
        differing = [number for number, (a, b) in enumerate(zip(ours.splitlines(), theirs.splitlines()), 1) if a != b]
        sys.exit(f"lines {differing} differ")
    if len(list((printed / "kibana" / "alerts").glob("*.json"))) != 5:
        sys.exit("there should be five rules")
