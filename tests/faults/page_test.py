# SPDX-License-Identifier: MIT
"""docs/guarantees.md names each fault, and no other; its scripts and tests are there."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
page = (ROOT / "docs/guarantees.md").read_text()
faults = {file.stem for file in (ROOT / "tests/faults").glob("*.py") if not file.stem.endswith("_test")}
commands = re.findall(r"`(scripts/[^`]+)`", page) + re.findall(r"^(scripts/[^#\n]+)", page, re.M)
wrong, named = [], set()
for command in commands:
    script, *words = command.split()
    if not (ROOT / script).exists():
        wrong.append("no %s" % script)
    if script == "scripts/faults":
        words = [word for word in words if re.fullmatch(r"[a-z_0-9]+", word) and not word.isdigit() and word != "NAME"]
        named.update(words)
named.discard("security")
wrong += ["no fault %s" % name for name in sorted(named - faults)]
wrong += ["%s is not on the page" % name for name in sorted(faults - named)]
tests = "\n".join(file.read_text() for file in (ROOT / "tests").rglob("CMakeLists.txt"))
wrong += ["no test %s" % name for name in re.findall(r"-R '([^']+)'", page) if name.lstrip("^") not in tests]
print("%d faults, %d commands" % (len(faults), len(commands)), *wrong, sep="\n")
sys.exit(1 if wrong else 0)
